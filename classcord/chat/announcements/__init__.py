"""Announcements of administrators and of the server."""
