"""Text commands: people type them as a message if their client has no button for them."""
