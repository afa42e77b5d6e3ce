"""`classcord backup`: makes, verifies or lists backups."""
