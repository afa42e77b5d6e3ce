"""What puts a backup back."""
