"""Backups of the database: made, verified, rotated."""
