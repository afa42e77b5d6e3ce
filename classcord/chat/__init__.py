"""Floor 0: the rules of the chat, pure: what may be asked, what is decided, what is stored, who hears it.

No Twisted, no clock, no I/O, no randomness; time is an argument.
"""
