"""The store: its interfaces (floor 1), and their implementation with SQLite (floor 2).

The SQL is in sqlite/queries/, the steps of the schema are in sqlite/migrations/. The store knows records, not the rules
that decide them.
"""
