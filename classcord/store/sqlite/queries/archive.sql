-- What is read. The columns are the fields of MessageAdded or PrivateMessageAdded in classcord/chat/messages/vocabulary.py.

-- name: channel_before
-- The newest messages of a channel, older than an id; newest first.
SELECT id, at, channel_id, author, author_id, content
FROM messages
WHERE channel_id = :channel_id AND id < :before
ORDER BY id DESC
LIMIT :limit;

-- name: channel_after
-- The oldest messages of a channel, newer than an id; oldest first.
SELECT id, at, channel_id, author, author_id, content
FROM messages
WHERE channel_id = :channel_id AND id > :after
ORDER BY id
LIMIT :limit;

-- name: conversation_before
SELECT id, at, conversation, author, author_id, recipient, waiting_for, content
FROM messages
WHERE conversation = :conversation AND id < :before
ORDER BY id DESC
LIMIT :limit;

-- name: conversation_after
SELECT id, at, conversation, author, author_id, recipient, waiting_for, content
FROM messages
WHERE conversation = :conversation AND id > :after
ORDER BY id
LIMIT :limit;

-- name: kept
-- The private messages that wait for an account; oldest first.
SELECT id, at, conversation, author, author_id, recipient, waiting_for, content
FROM messages
WHERE waiting_for = :user_id
ORDER BY id
LIMIT :limit;

-- name: password_hash$
SELECT password_hash FROM users WHERE name_key = :name_key;

-- name: came_in
-- From where which accounts have come in since then, among the newest sessions; the oldest first.
SELECT address, name, started_at
FROM sessions
WHERE id > (SELECT max(id) FROM sessions) - :most AND started_at > :since AND user_id IS NOT NULL
ORDER BY id;
