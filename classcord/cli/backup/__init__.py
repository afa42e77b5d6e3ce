"""`classcord backup` and `restore`."""
