"""The server's certificate: made, served, and replaced while the server runs, together with its key."""
