"""Floor 3: adapters from a network protocol to the chat service. They import neither the store nor each other."""
