"""Maintenance: only people who keep order may log in."""
