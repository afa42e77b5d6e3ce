"""Invitation codes: people make accounts by them. Not to be mixed up with invitations, which are to channels."""
