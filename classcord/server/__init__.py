"""Floor 4: the only folder that names concrete classes. It puts a server together, and watches over it."""
