"""Conversations: the channels and private conversations of a person, and how far the person has read them."""
