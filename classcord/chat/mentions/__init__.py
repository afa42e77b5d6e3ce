"""Mentions: who is called by `@name` in a message finds it later."""
