"""Protection of the server: the gate, blocked addresses, and the bus of security events."""
