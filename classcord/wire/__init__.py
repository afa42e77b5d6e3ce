"""Floor 1: bytes to requests, events to bytes, one module a dialect. Knows the chat's vocabulary, not the hub."""
