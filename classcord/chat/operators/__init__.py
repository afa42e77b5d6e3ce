"""Operators: people who administer, and what they see of others."""
