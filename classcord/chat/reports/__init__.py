"""Reports: a message that somebody shows to moderators, with copies of the lines around it."""
