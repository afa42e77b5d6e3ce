"""The audit trail: who made which change."""
