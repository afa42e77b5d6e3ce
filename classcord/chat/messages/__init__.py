"""Messages: to everyone, to a channel, to one person; and their history."""
