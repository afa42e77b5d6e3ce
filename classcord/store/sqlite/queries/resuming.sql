-- What a session missed. The columns are the fields of PrivateMessageAdded.

-- name: private_messages
-- A person's private messages between two ids, oldest first; they are looked for among the messages of everybody.
SELECT id, at, conversation, author, author_id, recipient, waiting_for, content
FROM messages
WHERE id > :after AND id <= :up_to AND instr(':' || conversation || ':', ':' || :who || ':') > 0
ORDER BY id
LIMIT :limit;
