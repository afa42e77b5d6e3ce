"""Evidence: a report as a file that can be checked later against the audit trail."""
