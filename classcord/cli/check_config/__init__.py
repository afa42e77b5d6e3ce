"""`classcord check-config`: checks the settings."""
