"""`classcord check-config`: says whether the settings are right."""
