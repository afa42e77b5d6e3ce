-- The index of words: what it lacks, and what is found in it (migrations/0005_conversations.sql, "Search").

-- name: indexed^
SELECT first, last FROM words_indexed;

-- name: newer
-- Messages that are not in the index yet, the oldest first.
SELECT id, channel_id, conversation, author, content FROM messages WHERE id > :last ORDER BY id LIMIT :limit;

-- name: older
-- Messages from before the index was made, the newest first.
SELECT id, channel_id, conversation, author, content FROM messages WHERE id < :first ORDER BY id DESC LIMIT :limit;

-- name: outdated
-- Messages that were edited or deleted, as they are in the index.
SELECT message_id AS id, channel_id, conversation, author, content FROM words_outdated ORDER BY message_id LIMIT :limit;

-- name: is_outdated$
SELECT EXISTS (SELECT 1 FROM words_outdated);

-- name: edited
-- The same messages as they are now, those that still exist; the newest first.
SELECT messages.id, messages.channel_id, messages.conversation, messages.author, messages.content
FROM words_outdated JOIN messages ON messages.id = message_id
WHERE message_id > :after AND message_id < :before
ORDER BY message_id DESC
LIMIT :limit;

-- name: removed!
-- Entries are an array of arrays of a message's id, words and places: row by row, a busy reactor would delay each.
INSERT INTO message_words (message_words, rowid, words, places)
SELECT 'delete', json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
FROM json_each(:entries);

-- name: added!
INSERT INTO message_words (rowid, words, places)
SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
FROM json_each(:entries);

-- name: noted!
UPDATE words_indexed SET first = :first, last = :last;

-- name: done!
DELETE FROM words_outdated WHERE message_id <= :last;

-- name: taken_out!
UPDATE words_indexed SET taken_out = taken_out + :count;

-- name: left^
-- Of how many messages the words were taken out of the index, and of how many they are no longer in the file.
SELECT taken_out, wiped FROM words_indexed;

-- name: merged!
INSERT INTO message_words (message_words, rank) VALUES ('merge', :pages);

-- name: wiped!
UPDATE words_indexed SET wiped = :taken_out;

-- name: matching
-- The messages that the index proposes, the newest first.
SELECT messages.id, channel_id, conversation, author, content
FROM message_words CROSS JOIN messages ON messages.id = message_words.rowid
WHERE message_words MATCH :expression AND message_words.rowid > :after AND message_words.rowid < :before
ORDER BY message_words.rowid DESC
LIMIT :limit;

-- name: unindexed
-- The newest messages, which are not in the index yet; the newest first.
SELECT id, channel_id, conversation, author, content
FROM messages
WHERE id > :after AND id < :before
ORDER BY id DESC
LIMIT :limit;

-- name: next_time^
-- The first message with this id or a higher one, and when it was said.
SELECT id, at FROM messages WHERE id >= :message_id ORDER BY id LIMIT 1;

-- name: last_id$
SELECT coalesce(max(id), 0) FROM messages;
