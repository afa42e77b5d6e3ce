"""Registration: how an account is made, and what it may be called."""
