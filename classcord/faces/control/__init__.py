"""The control socket: the console for users of the server's machine, in frames over a unix socket."""
