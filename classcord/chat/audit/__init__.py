"""The audit trail: what of a change is kept, and by whom it was made."""
