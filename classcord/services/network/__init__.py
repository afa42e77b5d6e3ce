"""Who may connect, from where, and how many: asked by every face before a byte is read."""
