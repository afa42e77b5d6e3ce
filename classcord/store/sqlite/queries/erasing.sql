-- How what is kept about an erased person goes, some rows at a time (classcord/store/sqlite/erasing.py).
-- Where only a name says who did something, it counts from :since, when the account was made, to :until, when it was
-- erased: before and afterwards, somebody else had the name.

-- name: under_way^
-- The first erasure that is not done.
SELECT id, user_id, shown, empties, keeps_acts, name, name_key, added_at, at FROM erasures WHERE name IS NOT NULL ORDER BY id LIMIT 1;

-- name: done!
-- Nothing refers to the account any more.
UPDATE erasures SET name = NULL, name_key = NULL WHERE id = :number;

-- name: account_gone!
DELETE FROM users WHERE id = :user_id;

-- name: own_messages
SELECT id FROM messages WHERE author_id = :user_id LIMIT :most;

-- name: emptied!
-- As if its author had deleted each of them; the triggers of deleted messages take what belongs to them.
INSERT INTO message_changes (message_id, newest, deleted_at, deleted_by)
SELECT value, (SELECT max(id) FROM messages), (SELECT at FROM erasures WHERE id = :number), :shown
FROM json_each(:ids)
WHERE true
ON CONFLICT DO UPDATE
SET newest = excluded.newest, deleted_at = coalesce(deleted_at, excluded.deleted_at),
    deleted_by = coalesce(deleted_by, excluded.deleted_by);

-- name: files_emptied!
DELETE FROM files WHERE message_id IN (SELECT value FROM json_each(:ids));

-- name: author_gone!
INSERT INTO authors_gone SELECT value FROM json_each(:ids) WHERE true ON CONFLICT DO NOTHING;

-- name: renamed!
UPDATE messages
SET author = :shown, author_id = NULL, content = iif(:empties, '', content),
    waiting_for = iif(:empties, NULL, waiting_for)
WHERE id IN (SELECT value FROM json_each(:ids));

-- name: versions_gone!
DELETE FROM message_versions WHERE message_id IN (SELECT value FROM json_each(:ids));

-- name: next_conversation$
SELECT min(conversation) FROM conversations WHERE user_id = :user_id AND conversation > :after;

-- name: is_here$
-- Whether an account still reads its conversations.
SELECT EXISTS (SELECT 1 FROM users WHERE id = :user_id AND id NOT IN (SELECT user_id FROM erasures));

-- name: in_conversation
SELECT id FROM messages WHERE conversation = :conversation AND id > :after ORDER BY id LIMIT :most;

-- name: recipient_gone!
UPDATE messages SET recipient = :shown, waiting_for = nullif(waiting_for, :user_id)
WHERE id IN (SELECT value FROM json_each(:ids)) AND author <> :shown;

-- name: messages_gone!
DELETE FROM messages WHERE id IN (SELECT value FROM json_each(:ids));

-- name: conversation_renamed!
UPDATE conversations SET other = :shown WHERE user_id = :other AND conversation = :conversation;

-- name: conversation_gone!
DELETE FROM conversations WHERE user_id IN (:user_id, :other) AND conversation = :conversation;

-- name: reactions_gone!
DELETE FROM reactions WHERE (message_id, emoji, who) IN (
    SELECT message_id, emoji, who FROM reactions WHERE who = :user_id LIMIT :most
);

-- name: mentions_gone!
DELETE FROM mentions WHERE (user_id, message_id) IN (
    SELECT user_id, message_id FROM mentions WHERE user_id = :user_id LIMIT :most
);

-- name: client_ids_gone!
DELETE FROM client_ids WHERE (owner, client_id) IN (
    SELECT owner, client_id FROM client_ids WHERE owner = CAST(:user_id AS TEXT) LIMIT :most
);

-- name: sessions_gone!
UPDATE sessions SET user_id = NULL, name = :shown, address = ''
WHERE id IN (SELECT id FROM sessions WHERE user_id = :user_id LIMIT :most);

-- name: files_gone!
UPDATE files SET user_id = NULL WHERE message_id IN (SELECT message_id FROM files WHERE user_id = :user_id LIMIT :most);

-- name: markers_gone!
DELETE FROM channel_markers WHERE user_id = :user_id;

-- name: last_of_changes$
SELECT max(message_id) FROM (
    SELECT message_id FROM message_changes WHERE message_id > :after ORDER BY message_id LIMIT :most
);

-- name: changes_renamed!
UPDATE message_changes SET deleted_by = :shown
WHERE message_id > :after AND message_id <= :last AND deleted_by = :name AND deleted_at BETWEEN :since AND :until;

-- name: last_of_sanctions$
SELECT max(id) FROM (SELECT id FROM sanctions WHERE id > :after ORDER BY id LIMIT :most);

-- name: sanctions_renamed!
-- One that is in force stays what it is: it would be lifted by erasing oneself.
UPDATE sanctions
SET by = iif(by = :name AND added_at BETWEEN :since AND :until, :shown, by),
    lifted_by = iif(lifted_by = :name AND lifted_at BETWEEN :since AND :until, :shown, lifted_by),
    (target, shown, reason) = (
        SELECT iif(is_past, ' ' || id, target), iif(is_past, :shown, shown), iif(is_past, '', reason)
        FROM (SELECT of = 'name' AND target = :name_key
                     AND (lifted_at IS NOT NULL OR until < 1000 * strftime('%s', 'now')) IS TRUE AS is_past)
    )
WHERE id > :after AND id <= :last AND (by = :name OR lifted_by = :name OR of = 'name' AND target = :name_key);

-- name: last_of_lessons$
SELECT max(id) FROM (SELECT id FROM lessons WHERE id > :after ORDER BY id LIMIT :most);

-- name: lessons_renamed!
UPDATE lessons
SET begun_by = iif(begun_by = :name AND begun_at BETWEEN :since AND :until, :shown, begun_by),
    ended_by = iif(ended_by = :name AND ended_at BETWEEN :since AND :until, :shown, ended_by)
WHERE id > :after AND id <= :last AND (begun_by = :name OR ended_by = :name);

-- name: last_of_requests$
SELECT max(id) FROM (SELECT id FROM join_requests WHERE id > :after ORDER BY id LIMIT :most);

-- name: requests_renamed!
UPDATE join_requests SET decided_by = :shown
WHERE id > :after AND id <= :last AND decided_by = :name AND decided_at BETWEEN :since AND :until;

-- name: last_of_reports$
SELECT max(id) FROM (SELECT id FROM reports WHERE id > :after ORDER BY id LIMIT :most);

-- name: reports_renamed!
-- What was reported stays, for whoever has to prove it (RGPD, article 17, paragraph 3, e), but without names.
UPDATE reports
SET reporter = iif(reporter_id = :user_id, :shown, reporter),
    reporter_key = iif(reporter_id = :user_id, ' ' || id, reporter_key),
    author = iif(author_id = :user_id, :shown, author),
    closed_by = iif(closed_by = :name AND closed_at BETWEEN :since AND :until, :shown, closed_by)
WHERE id > :after AND id <= :last AND (reporter_id = :user_id OR author_id = :user_id OR closed_by = :name);

-- name: report_lines_renamed!
UPDATE report_lines
SET author = iif(author_id = :user_id, :shown, author),
    deleted_by = iif(deleted_by = :name AND deleted_at BETWEEN :since AND :until, :shown, deleted_by)
WHERE report_id > :after AND report_id <= :last AND (author_id = :user_id OR deleted_by = :name);
