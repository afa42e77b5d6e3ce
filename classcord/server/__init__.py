"""Floor 4: the only folder that names concrete classes. It assembles a server, and monitors it."""
