"""Announcements: what administrators and the server tell people."""
