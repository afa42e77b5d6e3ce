-- Single messages, and what belongs to them.

-- name: message
SELECT id, at, channel_id, conversation, author, author_id, recipient, waiting_for, content
FROM messages
WHERE id = :message_id;
