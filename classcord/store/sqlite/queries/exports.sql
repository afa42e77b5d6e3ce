-- What is written out, a page at a time in the order of the ids; the first column is the id.

-- name: users
SELECT id, name, role, alias, first_name, last_name, email, status_text, added_at
FROM users
WHERE id > :after_id
ORDER BY id
LIMIT :limit;

-- name: messages
-- As they are now: a deleted one has no words and no file. The content of a file lies in DATA/files under its digest.
SELECT messages.id, messages.at, channels.name AS channel, author, recipient, content, edited_at, deleted_at,
       files.name AS file, files.type AS file_type, files.size AS file_size, files.digest AS file_digest
FROM messages
LEFT JOIN channels ON channels.id = messages.channel_id
LEFT JOIN message_changes ON message_changes.message_id = messages.id
LEFT JOIN files ON files.message_id = messages.id
WHERE messages.id > :after_id
ORDER BY messages.id
LIMIT :limit;

-- name: audit
SELECT id, at, actor, actor_address, actor_key, action, object_type, object_id, before, after
FROM audit
WHERE id > :after_id
ORDER BY id
LIMIT :limit;
