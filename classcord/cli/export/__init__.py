"""`classcord export`: rows of the database as CSV or JSON."""
