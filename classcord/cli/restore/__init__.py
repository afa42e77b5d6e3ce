"""`classcord restore`: a backup is put in the place of the database; restoring.py does it in one rename."""
