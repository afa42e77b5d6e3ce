"""The hub's rules by subject: for each request a decision, for each record a change. Each module ends with its tables.

A decision looks and returns effects; a change is made after the commit and returns what follows from it.
"""
