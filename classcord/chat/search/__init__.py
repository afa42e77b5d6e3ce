"""Search: messages are found by their words."""
