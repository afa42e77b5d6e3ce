"""What deserves an alert, and how the people who look after the server hear of it."""
