"""Block lists: a person reads no private messages of people on their list."""
