"""Administration over SSH, on Twisted Conch: keys and passwords, the console, single commands, files.

It knows the desk and the console, no rule of the chat; what a connection may do at all is decided here.
"""
