"""Identity: login, guest, logout; the people of sessions."""
