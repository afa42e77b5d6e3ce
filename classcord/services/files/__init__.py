"""The contents of files in DATA/files: how they come, where they lie, and when they go."""
