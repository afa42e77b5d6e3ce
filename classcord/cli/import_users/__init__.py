"""Accounts of older servers and lists: tables and files, read whatever program wrote them."""
