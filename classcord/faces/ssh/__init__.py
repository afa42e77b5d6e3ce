"""Administration over SSH, with Twisted Conch: keys and passwords, the console, single commands, files.

It knows operators' logins and the console, no rule of the chat; it decides what a connection may do at all.
"""
