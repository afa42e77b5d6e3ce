-- What a session missed. The columns of messages are the fields of PrivateMessageAdded.

-- name: conversations
-- The private conversations of an account with a message newer than an id.
SELECT conversation FROM conversations WHERE user_id = :user_id AND newest > :after ORDER BY newest LIMIT :limit;

-- name: of_guest
-- A guest's private messages between two ids, oldest first. A guest has no list of conversations: they are looked for
-- among the messages of everybody.
SELECT id, at, conversation, author, author_id, recipient, waiting_for, content
FROM messages
WHERE id > :after AND id <= :up_to AND instr(':' || conversation || ':', ':~' || :guest || ':') > 0
ORDER BY id
LIMIT :limit;
