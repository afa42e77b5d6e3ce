"""Resuming: a session goes on after its connection is lost, by a token; one's own sessions, listed and ended."""
