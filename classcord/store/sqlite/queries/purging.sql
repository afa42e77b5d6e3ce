-- What goes when its time is over, some rows at a time (classcord/store/sqlite/purging.py).

-- name: under_way^
-- The run that has something left to remove.
SELECT id, everyone, channels, private, connections, versions, reports, sanctions, audit
FROM purges
WHERE NOT swept
ORDER BY id
LIMIT 1;

-- name: counted!
UPDATE purges
SET removed = json_set(removed, '$.' || :kind, coalesce(json_extract(removed, '$.' || :kind), 0) + :count)
WHERE id = :id;

-- name: swept!
UPDATE purges SET swept = TRUE WHERE id = :id;

-- name: older_runs_gone!
-- A hundred are kept, which is three months.
DELETE FROM purges WHERE id < :id - 100;

-- name: last^
SELECT id, at, swept, ended_at, removed FROM purges WHERE id = (SELECT max(id) FROM purges);

-- name: looked_at$
-- The last of some messages after an id.
SELECT max(id) FROM (SELECT id FROM messages WHERE id > :after ORDER BY id LIMIT :most);

-- name: old_messages
-- Of the messages between two ids those whose time is over, with the kind of their place. What an open report has copied
-- stays until the report is closed, and what was written by a clock that was not set.
SELECT message.id, message.kind, files.message_id IS NOT NULL AS has_file
FROM (
    SELECT messages.id, at,
           CASE WHEN conversation IS NOT NULL THEN 'private' WHEN channels.kind = 'default' THEN 'everyone'
                ELSE 'channels' END AS kind
    FROM messages LEFT JOIN channels ON channels.id = channel_id
    WHERE messages.id > :after AND messages.id <= :last
) AS message
LEFT JOIN files ON files.message_id = message.id
WHERE message.at >= :clocks_go
  AND message.at < CASE message.kind WHEN 'private' THEN :private WHEN 'everyone' THEN :everyone ELSE :channels END
  AND message.id NOT IN (
      SELECT message_id FROM report_lines WHERE report_id IN (SELECT id FROM reports WHERE closed_at IS NULL)
  )
ORDER BY message.id
LIMIT :most;

-- name: messages_gone!
DELETE FROM messages WHERE id IN (SELECT value FROM json_each(:ids));

-- name: conversations
SELECT user_id, conversation FROM conversations
WHERE (user_id, conversation) > (:user_id, :conversation)
ORDER BY user_id, conversation
LIMIT :most;

-- name: empty_conversations_gone!
DELETE FROM conversations
WHERE (user_id, conversation) > (:user_id, :conversation) AND (user_id, conversation) <= (:last_user, :last_conversation)
  AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.conversation = conversations.conversation);

-- name: connections_gone!
DELETE FROM sessions WHERE id IN (
    SELECT id FROM sessions WHERE ended_at IS NOT NULL AND ended_at < :before ORDER BY ended_at LIMIT :most
);

-- name: last_of_changes$
SELECT max(message_id) FROM (
    SELECT message_id FROM message_changes WHERE message_id > :after ORDER BY message_id LIMIT :most
);

-- name: versions_gone!
DELETE FROM message_versions
WHERE message_id > :after AND message_id <= :last
  AND (SELECT coalesce(deleted_at, edited_at) FROM message_changes
       WHERE message_changes.message_id = message_versions.message_id) < :before
  AND message_id NOT IN (
      SELECT message_id FROM report_lines WHERE report_id IN (SELECT id FROM reports WHERE closed_at IS NULL)
  );

-- name: reports_gone!
DELETE FROM reports WHERE id IN (
    SELECT id FROM reports WHERE closed_at IS NOT NULL AND closed_at < :before ORDER BY closed_at LIMIT :most
);

-- name: sanctions_gone!
DELETE FROM sanctions WHERE id IN (
    SELECT id FROM sanctions
    WHERE coalesce(lifted_at, until) IS NOT NULL AND coalesce(lifted_at, until) < :before
    ORDER BY coalesce(lifted_at, until)
    LIMIT :most
);

-- name: join_requests_gone!
DELETE FROM join_requests WHERE id IN (
    SELECT id FROM join_requests WHERE decided_at IS NOT NULL AND decided_at < :before AND told ORDER BY decided_at LIMIT :most
);

-- name: lessons_gone!
DELETE FROM lessons WHERE id IN (
    SELECT id FROM lessons WHERE ended_at IS NOT NULL AND ended_at < :before ORDER BY ended_at LIMIT :most
);

-- name: unused_pages$
SELECT freelist_count FROM pragma_freelist_count;

-- name: gives_space_back$
-- Whether the file can become smaller, which is decided when it is made.
SELECT auto_vacuum = 2 FROM pragma_auto_vacuum;

-- How much would go.

-- name: count_messages
-- As old_messages.
SELECT message.kind, count(*), count(files.message_id)
FROM (
    SELECT messages.id, at,
           CASE WHEN conversation IS NOT NULL THEN 'private' WHEN channels.kind = 'default' THEN 'everyone'
                ELSE 'channels' END AS kind
    FROM messages LEFT JOIN channels ON channels.id = channel_id
    WHERE messages.id > :after AND messages.id <= :last
) AS message
LEFT JOIN files ON files.message_id = message.id
WHERE message.at >= :clocks_go
  AND message.at < CASE message.kind WHEN 'private' THEN :private WHEN 'everyone' THEN :everyone ELSE :channels END
  AND message.id NOT IN (
      SELECT message_id FROM report_lines WHERE report_id IN (SELECT id FROM reports WHERE closed_at IS NULL)
  )
GROUP BY message.kind;

-- name: count_others^
SELECT (SELECT count(*) FROM sessions WHERE ended_at < :connections) AS connections,
       (SELECT count(*) FROM message_versions JOIN message_changes USING (message_id)
        WHERE coalesce(deleted_at, edited_at) < :versions AND message_id NOT IN (
            SELECT message_id FROM report_lines WHERE report_id IN (SELECT id FROM reports WHERE closed_at IS NULL)
        )) AS versions,
       (SELECT count(*) FROM reports WHERE closed_at < :reports) AS reports,
       (SELECT count(*) FROM sanctions WHERE coalesce(lifted_at, until) < :sanctions)
       + (SELECT count(*) FROM join_requests WHERE decided_at < :sanctions AND told)
       + (SELECT count(*) FROM lessons WHERE ended_at < :sanctions) AS sanctions,
       (SELECT count(*) FROM audit WHERE id < coalesce((SELECT min(id) FROM audit WHERE at >= :audit), 1 << 62)) AS audit;

-- name: unused_bytes$
SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size;
