"""The state of the server and its live events: figures, `tail` and `trace`, reports to systemd and Prometheus."""
