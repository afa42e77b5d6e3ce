"""Accounts: passwords, roles, and accounts that administrators make and delete."""
