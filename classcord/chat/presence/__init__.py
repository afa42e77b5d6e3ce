"""Presence: who is here, and in which state."""
