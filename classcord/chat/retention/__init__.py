"""Retention: how long things are kept, and what goes by itself when its time is over."""
