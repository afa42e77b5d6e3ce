"""The administrators' console, whatever carries it: SSH or the control socket.

Its line editor (`editor`, over keys, line, glyphs and display) is bytes in, bytes and outcomes out.
"""
