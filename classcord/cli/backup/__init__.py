"""`classcord backup`: a backup is made, verified, or those that there are are listed."""
