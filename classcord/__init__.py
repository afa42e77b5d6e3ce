"""ClassCord, the chat server of a school.

The floors are described in docs/architecture.md; what may import what is checked by tests/test_floors.py.
"""

__version__ = "1.0.0"
