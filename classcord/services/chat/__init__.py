"""The way of a message: the service, the order of requests, the journal, the fan-out; beginning and end of sessions."""
