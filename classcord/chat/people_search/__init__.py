"""Finding people by a part of their name, also those who are not here, to write to them privately."""
