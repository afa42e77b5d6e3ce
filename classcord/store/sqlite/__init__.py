"""SQLite: the one database there is. The SQL is in queries/, the schema's steps are in migrations/."""
