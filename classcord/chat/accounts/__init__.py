"""Accounts: passwords and roles; administrators make and delete accounts."""
