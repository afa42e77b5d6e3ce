"""Connections: hello, ping, lines that ask nothing, and the end."""
