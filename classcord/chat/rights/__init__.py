"""What people may do that depends on their role and on the settings, as clients are told it."""
