"""What causes an alert, and how the people who look after the server receive it."""
