"""What a message passes: the service, the order of requests, the journal, the fan-out, and how sessions come and go."""
