-- Conversations: who may come back without a password, what people have read, what became of a message.
-- A message's own row is written thousands of times a second; what only some messages have is in tables of its own.

