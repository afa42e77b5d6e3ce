"""Maintenance: only people who keep order come in."""
