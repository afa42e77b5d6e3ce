"""Floor 0: the rules of the chat, pure: requests, decisions, records, events.

No Twisted, no clock, no I/O, no randomness; time is an argument.
"""
