"""Files: what a message carries beside its words, from the permission to upload it until it is removed."""
