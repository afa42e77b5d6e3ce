-- What a start reads and mends.

-- name: users
-- Digests stay in the database; but for '!', which says that this password is not kept here.
SELECT id AS user_id, name, name_key, role, CASE password_hash WHEN '!' THEN '!' ELSE '' END AS password_hash,
       alias, alias_key, must_change, password_used, added_at, seen_at, left_at, vouched
FROM users
WHERE id NOT IN (SELECT user_id FROM erasures)
ORDER BY id;

-- name: channels
SELECT id AS channel_id, name, name_key, kind, topic, read_only, guests, archived, slow, hold, members_from,
       made_by, made_from, description, added_at
FROM channels
WHERE removed_at IS NULL
ORDER BY id;

-- name: memberships
SELECT channel_id, user_id, since FROM memberships ORDER BY channel_id, user_id;

-- name: channel_moderators
SELECT channel_id, user_id, at FROM channel_moderators ORDER BY channel_id, user_id;

-- name: sanctions
SELECT id AS sanction_id, kind, of, target, shown, by, by_role, reason, added_at, until, told
FROM sanctions
WHERE lifted_at IS NULL AND (until IS NULL OR until > 1000 * strftime('%s', 'now'))
ORDER BY id;

-- name: join_requests
-- Those that wait, and those whose author does not know yet what became of them.
SELECT id AS request_id, channel_id, user_id, asked_at, expires_at, state, decided_by, reason
FROM join_requests
WHERE told = 0
ORDER BY id;

-- name: invitation_codes
SELECT id AS code_id, code, role, uses, used, channel_ids, note, made_by, maker_id, maker_key, made_at, expires_at
FROM invitation_codes
ORDER BY id;

-- name: reports
-- Those that are open, and those whose sender has an account and does not know yet what became of them.
SELECT id AS report_id, at, message_id, reporter, reporter_key, reporter_id, author, author_id, author_role, channel_id,
       conversation, place, category, reason, digest
FROM reports
WHERE NOT told AND (closed_at IS NULL OR reporter_id IS NOT NULL)
ORDER BY id;

-- name: untold_outcomes
SELECT id AS report_id, closed_at AS at, closed_by AS by, outcome, closing_reason AS reason
FROM reports
WHERE NOT told AND closed_at IS NOT NULL AND reporter_id IS NOT NULL
ORDER BY id;

-- name: held_messages
SELECT id AS held_id, at, channel_id, conversation, author, author_id, recipient, owner, client_id, content, reply_to,
       why, until, state, reason, decided_by, said_in
FROM held_messages
ORDER BY id;

-- name: held_files
SELECT held_id, token, name, type, size, digest, width, height FROM held_files ORDER BY held_id;

-- name: tokens
SELECT id AS token_id, digest, user_id, name, address, client, session, made_at, used_at, expires_at
FROM tokens
ORDER BY id;

-- name: switches
SELECT name, value FROM switches;

-- name: lessons
SELECT id AS lesson_id, kind, channel_id, write, private, networks, begun_by, reason, begun_at, until, of_staff
FROM lessons
WHERE ended_at IS NULL
ORDER BY id;

-- name: blocks
SELECT user_id, blocked_id, at FROM blocks;

-- name: erasures
SELECT id AS number, user_id, coalesce(name, '') AS name, coalesce(name_key, '') AS name_key, added_at, shown, empties,
       keeps_acts, at
FROM erasures
ORDER BY id;

-- name: last_purge
SELECT id AS number, at, everyone, channels, private, connections, versions, reports, sanctions, audit
FROM purges
ORDER BY id DESC
LIMIT 1;

-- name: last_purge_ended
SELECT id AS number, ended_at AS at FROM purges WHERE id = (SELECT max(id) FROM purges) AND ended_at IS NOT NULL;

-- name: last_ids
-- The highest ids ever given out: of users, channels, requests and codes deleted ones included, for ids stand for people.
SELECT name, seq FROM sqlite_sequence
WHERE name IN ('users', 'channels', 'join_requests', 'invitation_codes', 'reports', 'lessons',
               'held_messages')
UNION ALL SELECT 'messages', max(coalesce((SELECT max(id) FROM messages), 0), coalesce(max(last_message), 0)) FROM purges
UNION ALL SELECT 'sanctions', max(coalesce((SELECT max(id) FROM sanctions), 0), coalesce(max(last_sanction), 0)) FROM purges
UNION ALL SELECT 'sessions', max(coalesce((SELECT max(id) FROM sessions), 0), coalesce(max(last_session), 0)) FROM purges
UNION ALL SELECT 'purges', coalesce(max(id), 0) FROM purges
UNION ALL SELECT 'erasures', coalesce(max(id), 0) FROM erasures;

-- name: end_open_sessions!
-- Sessions that a crash left open end at the latest moment known of the server before it.
UPDATE sessions
SET ended_at = max(started_at, coalesce((SELECT at FROM messages WHERE id = (SELECT max(id) FROM messages)), 0))
WHERE ended_at IS NULL;
