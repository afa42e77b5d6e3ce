"""The line editor: bytes in, bytes and outcomes out. It knows nothing of ClassCord."""
