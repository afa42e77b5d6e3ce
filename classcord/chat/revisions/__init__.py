"""Revisions: messages that are edited or deleted after they were said, and what they said before."""
