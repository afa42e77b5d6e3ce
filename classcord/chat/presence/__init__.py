"""Presence: who is here, and in what state."""
