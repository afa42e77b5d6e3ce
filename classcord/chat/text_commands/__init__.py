"""Commands that people type as a text, where their client has no buttons for them."""
