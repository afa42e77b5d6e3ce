"""Typing notifications: the people of a conversation see that somebody is writing there."""
