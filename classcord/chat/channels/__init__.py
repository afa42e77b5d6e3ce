"""Channels: their members and their topics."""
