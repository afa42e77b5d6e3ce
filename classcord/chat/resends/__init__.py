"""Resends: a message sent again after a lost connection is stored once."""
