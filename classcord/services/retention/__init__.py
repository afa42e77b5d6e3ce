"""Retention at work: the daily run, the old files of the log, and what a restored backup may not bring back."""
