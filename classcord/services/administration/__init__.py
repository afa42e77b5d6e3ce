"""What administrators come in by, ask for, and leave in the records."""
