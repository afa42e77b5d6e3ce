"""`classcord cert`: a school's own authority, and what it certifies."""
