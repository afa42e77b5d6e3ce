"""Settings of channels: who writes there and how fast, what waits to be approved, the name; and their moderators."""
