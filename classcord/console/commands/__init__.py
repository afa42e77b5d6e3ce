"""How commands are parsed, completed, explained and formatted; all of it is derived from the requests' fields."""
