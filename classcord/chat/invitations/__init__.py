"""Invitations: a member brings another person into a channel."""
