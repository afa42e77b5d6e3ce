-- Reports, and the messages that are reported.

-- name: authors_in_channel
-- Who has written the last messages of a channel, newest first. An account is known by its id; a guest has none.
SELECT id, author, author_id FROM messages WHERE channel_id = :channel_id ORDER BY id DESC LIMIT :limit;

-- name: authors_in_conversation
SELECT id, author, author_id FROM messages WHERE conversation = :conversation ORDER BY id DESC LIMIT :limit;

-- name: before_in_channel
SELECT id FROM messages WHERE channel_id = :channel_id AND id < :message_id ORDER BY id DESC LIMIT :limit;

-- name: after_in_channel
SELECT id FROM messages WHERE channel_id = :channel_id AND id > :message_id ORDER BY id LIMIT :limit;

-- name: before_in_conversation
SELECT id FROM messages WHERE conversation = :conversation AND id < :message_id ORDER BY id DESC LIMIT :limit;

-- name: after_in_conversation
SELECT id FROM messages WHERE conversation = :conversation AND id > :message_id ORDER BY id LIMIT :limit;

-- name: open_page
SELECT id AS report_id, at, message_id, reporter, reporter_key, reporter_id, author, author_id, author_role,
       channel_id, conversation, place, category, reason, digest, closed_at, closed_by, outcome, closing_reason, told
FROM reports
WHERE closed_at IS NULL AND id < :before
  AND (:channels IS NULL OR channel_id IN (SELECT value FROM json_each(:channels)))
  AND COALESCE(author_id, 0) NOT IN (SELECT value FROM json_each(:author_ids))
  AND author_role NOT IN (SELECT value FROM json_each(:roles))
  AND NOT (author_id IS NULL AND author = :author)
  AND COALESCE(channel_id || ':' || author_id, '') NOT IN (SELECT value FROM json_each(:moderators))
ORDER BY id DESC
LIMIT :limit;

-- name: closed_page
SELECT id AS report_id, at, message_id, reporter, reporter_key, reporter_id, author, author_id, author_role,
       channel_id, conversation, place, category, reason, digest, closed_at, closed_by, outcome, closing_reason, told
FROM reports
WHERE closed_at IS NOT NULL AND id < :before
  AND (:channels IS NULL OR channel_id IN (SELECT value FROM json_each(:channels)))
  AND COALESCE(author_id, 0) NOT IN (SELECT value FROM json_each(:author_ids))
  AND author_role NOT IN (SELECT value FROM json_each(:roles))
  AND NOT (author_id IS NULL AND author = :author)
  AND COALESCE(channel_id || ':' || author_id, '') NOT IN (SELECT value FROM json_each(:moderators))
ORDER BY id DESC
LIMIT :limit;

-- name: report
SELECT id AS report_id, at, message_id, reporter, reporter_key, reporter_id, author, author_id, author_role,
       channel_id, conversation, place, category, reason, digest, closed_at, closed_by, outcome, closing_reason, told
FROM reports
WHERE id = :report_id;

-- name: lines
SELECT report_id, place, message_id, at, author, author_id, content, cut, deleted_at, deleted_by, file_token, file_name,
       file_type, file_size, file_digest
FROM report_lines
WHERE report_id = :report_id
ORDER BY place;

-- name: sanctions_since
-- Those of a name that were imposed after a report.
SELECT kind, by, added_at AS at, until, lifted_at, reason
FROM sanctions
WHERE of = 'name' AND target = :target AND added_at >= :since
ORDER BY id
LIMIT 100;

-- name: trail_entries
SELECT id, at, actor, action, after, hash
FROM audit
WHERE action IN ('report-filed', 'report-closed', 'read-report', 'evidence')
  AND object_type = 'report' AND object_id = CAST(:report_id AS TEXT)
ORDER BY id
LIMIT 100;
