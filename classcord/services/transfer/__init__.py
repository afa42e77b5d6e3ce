"""Users and messages out of the server in common formats, and accounts of older servers into it."""
