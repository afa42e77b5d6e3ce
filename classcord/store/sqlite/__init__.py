"""SQLite, the only database so far. The SQL is in queries/, the steps of the schema are in migrations/."""
