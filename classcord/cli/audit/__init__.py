"""`classcord audit`: verifies and purges the audit trail."""
