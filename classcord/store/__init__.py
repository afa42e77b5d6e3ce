"""What is kept: the ports (floor 1) and their implementations (floor 2), SQLite's and the tests' in memory.

The SQL is in queries/, the schema's steps are in migrations/. Knows records, not what they are decided by.
"""
