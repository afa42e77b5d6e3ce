"""How administrators log in, and what they ask of the server."""
