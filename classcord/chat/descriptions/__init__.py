"""Descriptions of channels: what a channel is for, in more words than its topic."""
