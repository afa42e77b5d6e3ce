"""Pins: the messages of a channel or a conversation that its people want to find again."""
