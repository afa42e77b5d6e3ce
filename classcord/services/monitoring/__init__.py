"""How the server is doing and what happens in it: figures, live lines, what systemd and Prometheus are told."""
