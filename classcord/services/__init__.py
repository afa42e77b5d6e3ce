"""Floor 2: the services of the chat. They own the hub, perform its effects, hash, deliver and store the records.

Knows ports and dialects, no transport.
"""
