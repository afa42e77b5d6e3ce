"""`classcord restore`: replaces the database by a backup; restoring.py does it by one rename."""
