"""Connections: hello, ping, lines that are no request, and the end."""
