-- Files that messages carry.

-- name: named^
-- The file with this token; of a deleted channel there is none.
-- The copy in a report has a token of its own.
SELECT token, name, type, size, digest, width, height
FROM files
WHERE token = :token
  AND NOT EXISTS (SELECT 1 FROM channels WHERE channels.id = files.channel_id AND removed_at IS NOT NULL)
UNION ALL
SELECT file_token, file_name, file_type, file_size, file_digest, NULL, NULL
FROM report_lines
WHERE file_token = :token
UNION ALL  -- whoever approves a message looks at its file first
SELECT token, name, type, size, digest, width, height FROM held_files WHERE token = :token;

-- name: of_messages
-- The files of several messages, whose ids are a JSON array.
SELECT message_id, token, name, type, size, digest, width, height
FROM files
WHERE message_id IN (SELECT value FROM json_each(:message_ids));

-- name: of_account_since$
SELECT coalesce(sum(size), 0) FROM files WHERE user_id = :user_id AND at >= :since;

-- name: of_channel_since$
SELECT coalesce(sum(size), 0) FROM files WHERE channel_id = :channel_id AND at >= :since;

-- name: contents
-- What lies in DATA/files, each content once or twice; reports keep what they were made of.
SELECT digest, max(size) FROM files GROUP BY digest
UNION ALL SELECT file_digest, max(file_size) FROM report_lines WHERE file_digest IS NOT NULL GROUP BY file_digest
UNION ALL SELECT digest, size FROM held_files;
