"""What is kept: the ports (floor 1), and SQLite behind them (floor 2).

The SQL is in sqlite/queries/, the schema's steps are in sqlite/migrations/. It knows records, and not what they are
decided by.
"""
