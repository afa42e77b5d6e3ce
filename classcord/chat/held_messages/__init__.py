"""Held messages: their authors may write them, but they wait: for a moderator, or for a time."""
