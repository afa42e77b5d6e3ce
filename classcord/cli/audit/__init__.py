"""`classcord audit`: the audit trail is verified and purged."""
