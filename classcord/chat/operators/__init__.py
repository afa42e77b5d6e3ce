"""Operators: people who administer; they look at people and connections."""
