"""`classcord cert`: a school's own certificate authority, and the certificates that it signs."""
