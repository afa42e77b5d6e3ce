"""Privacy: people who are erased, and what is kept about a person."""
