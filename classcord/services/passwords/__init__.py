"""Identity by password: what a login backend is, and local passwords, hashed and compared in separate threads."""
