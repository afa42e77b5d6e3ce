"""Identity by password: hashed and compared in separate threads."""
