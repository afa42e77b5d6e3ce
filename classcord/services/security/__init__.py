"""What keeps the server safe from strangers, and from those who are shut out."""
