"""Profiles: what people say about themselves, and who may read it."""
