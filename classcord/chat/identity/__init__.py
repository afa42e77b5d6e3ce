"""Identity: login, guest and logout, and the sessions that begin and end with them."""
