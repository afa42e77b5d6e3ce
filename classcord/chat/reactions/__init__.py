"""Reactions: an emoji of a person to a message."""
