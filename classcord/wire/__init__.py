"""Floor 1: bytes to requests, events to bytes; a module for a family of dialects. Knows no session and no hub."""
