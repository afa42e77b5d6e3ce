"""Floor 2: the chat at work. What owns the hub, performs its effects, hashes, delivers and keeps the records.

Knows ports and dialects, no transport.
"""
