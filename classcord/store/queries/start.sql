-- What a start reads and mends.

-- name: users
SELECT id AS user_id, name, name_key, role, '' AS password_hash, alias, alias_key, added_at FROM users ORDER BY id;

-- name: channels
SELECT id AS channel_id, name, name_key, kind, topic, read_only, guests, archived, members_from, made_by, added_at
FROM channels
ORDER BY id;

-- name: memberships
SELECT channel_id, user_id, since FROM memberships ORDER BY channel_id, user_id;

-- name: last_ids
-- The highest ids ever given out: of users and channels deleted ones included, for ids stand for people.
SELECT name, seq FROM sqlite_sequence WHERE name IN ('users', 'channels')
UNION ALL SELECT 'messages', coalesce(max(id), 0) FROM messages
UNION ALL SELECT 'sessions', coalesce(max(id), 0) FROM sessions;

-- name: end_open_sessions!
-- Sessions that a crash left open end at the latest moment known of the server before it.
UPDATE sessions
SET ended_at = max(started_at, coalesce((SELECT at FROM messages WHERE id = (SELECT max(id) FROM messages)), 0))
WHERE ended_at IS NULL;
