-- Conversations: which an account has, and how far they are read.

-- name: newest_of_channel
SELECT id FROM messages WHERE channel_id = :channel_id ORDER BY id DESC LIMIT 1;

-- name: channel_marker
SELECT up_to FROM channel_markers WHERE channel_id = :channel_id AND user_id = :user_id;

-- name: many_in_channel$
-- One of many messages newer than an id, after so many others that are newer still; nothing if they are not so many.
SELECT id FROM messages WHERE channel_id = :channel_id AND id > :after ORDER BY id DESC LIMIT 1 OFFSET :others;

-- name: count_in_channel$
SELECT count(*) FROM messages WHERE channel_id = :channel_id AND id > :after AND id <= :newest;

-- name: own_messages
-- Where an account has written since an id, newest first.
SELECT id, channel_id FROM messages WHERE author_id = :user_id AND id > :after ORDER BY id DESC LIMIT :limit;

-- name: own_in_channel$
-- The newest own message between two messages of a channel.
SELECT id FROM messages
WHERE channel_id = :channel_id AND id > :after AND id < :before AND +author_id = :user_id
ORDER BY id DESC
LIMIT 1;

-- name: private
-- The private conversations of an account that are not closed, those with the newest messages first.
SELECT conversation, other, newest, read_up_to
FROM conversations
WHERE user_id = :user_id AND newest < :before AND newest > hidden_up_to
ORDER BY newest DESC
LIMIT :limit;

-- name: private_marker
SELECT read_up_to, newest FROM conversations WHERE user_id = :user_id AND conversation = :conversation;

-- name: many_in_private$
SELECT id FROM messages WHERE conversation = :conversation AND id > :after ORDER BY id DESC LIMIT 1 OFFSET :others;

-- name: count_in_private$
SELECT count(*) FROM messages WHERE conversation = :conversation AND id > :after AND id <= :newest;

-- name: mentions
-- Where an account is mentioned after an id, in the newest messages first.
SELECT message_id, channel_id, conversation
FROM mentions JOIN messages ON messages.id = mentions.message_id
WHERE mentions.user_id = :user_id AND mentions.message_id > :after
ORDER BY mentions.message_id DESC
LIMIT :limit;

-- name: mentions_by_edit
-- Where the new words of a message mention an account that has not read them yet, in the newest messages first.
SELECT message_id, channel_id, conversation
FROM mentions INDEXED BY mentions_by_edit JOIN messages ON messages.id = mentions.message_id
WHERE mentions.user_id = :user_id AND mentions.by_edit
ORDER BY mentions.message_id DESC
LIMIT :limit;

-- name: conversed!
-- With each private message: it is the newest of its conversation, for each of the two people who has an account.
-- '17:42' read as a number is 17, and '~zoé' is 0, which is no account.
-- Whoever writes has read what came before.
INSERT INTO conversations (user_id, conversation, other, newest, read_up_to)
SELECT id, :conversation, iif(:author_id = id, :recipient, :author), :message_id, iif(:author_id = id, :message_id, 0)
FROM users
WHERE id IN (
    CAST(:conversation AS INTEGER),
    CAST(substr(:conversation, instr(:conversation, ':') + 1) AS INTEGER)
)
ON CONFLICT DO UPDATE SET
    other = excluded.other,
    newest = max(newest, excluded.newest),
    read_up_to = max(read_up_to, excluded.read_up_to);
