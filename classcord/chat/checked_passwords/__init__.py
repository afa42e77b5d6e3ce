"""Checked passwords: what comes back when a password was compared or hashed."""
