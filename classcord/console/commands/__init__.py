"""How commands are written, read, completed, explained and shown; all of it made from the requests' own fields."""
