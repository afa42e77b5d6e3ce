"""Checked passwords: the results of comparing and hashing."""
