"""Who somebody is, by a password: hashed and compared in threads of their own."""
