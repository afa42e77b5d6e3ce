"""The control socket: the console for who is on the machine, in frames over a unix socket."""
