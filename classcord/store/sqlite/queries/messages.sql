-- Single messages, and what belongs to them.

-- name: message
SELECT id, at, channel_id, conversation, author, author_id, recipient, waiting_for, content
FROM messages
WHERE id = :message_id;

-- name: sent_before
-- The message that has this client id already.
SELECT message_id, at, said FROM client_ids WHERE owner = :owner AND client_id = :client_id;

-- Of several messages, whose ids are a JSON array.

-- name: replies
SELECT message_id, reply_to
FROM replies
WHERE message_id IN (SELECT value FROM json_each(:message_ids));

-- name: mentions
-- In the order of the accounts' ids, as when the message was said.
SELECT mentions.message_id, users.name
FROM mentions
JOIN users ON users.id = mentions.user_id
WHERE mentions.message_id IN (SELECT value FROM json_each(:message_ids))
ORDER BY mentions.message_id, mentions.user_id;

-- name: changes
-- The content is read here once more, so that it is of the same moment as the time of the edit.
SELECT message_id, edited_at, edits, content, deleted_at, deleted_by
FROM message_changes
JOIN messages ON messages.id = message_id
WHERE message_id IN (SELECT value FROM json_each(:message_ids));

-- name: author_roles
SELECT message_id, role
FROM author_roles
WHERE message_id IN (SELECT value FROM json_each(:message_ids));

-- name: authors_gone
SELECT message_id
FROM authors_gone
WHERE message_id IN (SELECT value FROM json_each(:message_ids));

-- Of one message.

-- name: versions
-- What it said before, oldest first.
SELECT at, content FROM message_versions WHERE message_id = :message_id ORDER BY version;
