"""The server's certificate and the school's own certificate authority."""
