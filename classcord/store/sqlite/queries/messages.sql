-- Single messages, and what belongs to them.

-- name: message
SELECT id, at, channel_id, conversation, author, author_id, recipient, waiting_for, content
FROM messages
WHERE id = :message_id;

-- name: sent_before
-- The message that has this client id already.
SELECT message_id, at, said FROM client_ids WHERE owner = :owner AND client_id = :client_id;

-- name: pin_state
-- Whether a message is pinned, and how many are in its channel or its conversation.
SELECT
    (SELECT count(*) FROM pins WHERE message_id = messages.id),
    (SELECT count(*) FROM pins WHERE channel_id = messages.channel_id),
    (SELECT count(*) FROM pins WHERE conversation = messages.conversation)
FROM messages
WHERE id = :message_id;

-- name: pins_of_channel
SELECT message_id FROM pins WHERE channel_id = :channel_id AND message_id < :before ORDER BY message_id DESC;

-- name: pins_of_conversation
SELECT message_id FROM pins WHERE conversation = :conversation AND message_id < :before ORDER BY message_id DESC;

-- name: is_deleted$
SELECT count(*) FROM message_changes WHERE message_id = :message_id AND deleted_at IS NOT NULL;

-- name: reactions_with_own
-- The different emoji to a message, each with whether this person has reacted with it.
SELECT emoji, EXISTS (
    SELECT 1 FROM reactions WHERE message_id = tally.message_id AND emoji = tally.emoji AND who = :who
)
FROM reaction_tallies AS tally
WHERE message_id = :message_id;

-- name: reacting
-- The first people who have reacted to a message with an emoji: accounts by their names as they are now.
SELECT coalesce(users.name, reactions.guest)
FROM reactions
LEFT JOIN users ON users.id = reactions.who
WHERE message_id = :message_id AND emoji = :emoji
ORDER BY reactions.who
LIMIT :most;

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
SELECT message_id, edited_at, edits, content, deleted_at, deleted_by, sealed
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

-- name: tallies
-- The different emoji, each with the number of people.
SELECT id, message_id, emoji, people
FROM reaction_tallies
WHERE message_id IN (SELECT value FROM json_each(:message_ids));

-- name: changed_since
-- Messages up to an id that have changed since it was the newest, the last changes first.
SELECT messages.id
FROM message_changes
JOIN messages ON messages.id = message_id
WHERE newest >= :after AND message_id <= :after
  AND (channel_id IN (SELECT value FROM json_each(:channels)) OR instr(':' || conversation || ':', :who) > 0)
ORDER BY newest DESC
LIMIT :most;

-- name: marked_since
-- The same of messages whose reactions or pin have changed.
SELECT messages.id
FROM mark_changes
JOIN messages ON messages.id = message_id
WHERE newest >= :after AND message_id <= :after
  AND (channel_id IN (SELECT value FROM json_each(:channels)) OR instr(':' || conversation || ':', :who) > 0)
ORDER BY newest DESC
LIMIT :most;

-- name: is_pinned$
SELECT count(*) FROM pins WHERE message_id = :message_id;

-- Of one message.

-- name: versions
-- What it said before, oldest first.
SELECT at, content FROM message_versions WHERE message_id = :message_id ORDER BY version;
