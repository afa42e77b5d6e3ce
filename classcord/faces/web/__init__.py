"""The web page over HTTP, and the chat in WebSocket text messages at /chat (RFC 6455); they only serve and frame."""
