"""Registration: people make accounts, and choose the names."""
