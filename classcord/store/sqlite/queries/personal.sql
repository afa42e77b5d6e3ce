-- What is kept about one person, kind by kind: an id to go on after, a time, and the rest as JSON (answers/personal.py).

-- name: profile
SELECT id, added_at, json_object('name', name, 'role', role, 'alias', alias, 'first_name', first_name, 'last_name', last_name,
                                 'email', email, 'status_text', status_text)
FROM users
WHERE id = :user_id AND id > :after
LIMIT :most;

-- name: memberships
SELECT channel_id, since, json_object('channel', channels.name)
FROM memberships JOIN channels ON channels.id = channel_id
WHERE user_id = :user_id AND channel_id > :after
ORDER BY channel_id
LIMIT :most;

-- name: moderates
SELECT channel_id, at, json_object('channel', channels.name)
FROM channel_moderators JOIN channels ON channels.id = channel_id
WHERE user_id = :user_id AND channel_id > :after
ORDER BY channel_id
LIMIT :most;

-- name: join_requests
SELECT join_requests.id, asked_at, json_object('channel', channels.name, 'state', state, 'reason', reason)
FROM join_requests JOIN channels ON channels.id = channel_id
WHERE user_id = :user_id AND join_requests.id > :after
ORDER BY join_requests.id
LIMIT :most;

-- name: connections
SELECT id, started_at, json_object('address', address, 'face', face, 'ended_ms', ended_at)
FROM sessions
WHERE user_id = :user_id AND id > :after
ORDER BY id
LIMIT :most;

-- name: tokens
SELECT id, made_at, json_object('client', client, 'address', address, 'used_ms', used_at, 'expires_ms', expires_at)
FROM tokens
WHERE user_id = :user_id AND id > :after
ORDER BY id
LIMIT :most;

-- name: blocked
SELECT blocked_id, at, json_object('user', users.name)
FROM blocks JOIN users ON users.id = blocked_id
WHERE user_id = :user_id AND blocked_id > :after
ORDER BY blocked_id
LIMIT :most;

-- name: sanctions
SELECT id, added_at, json_object('kind', kind, 'reason', reason, 'until_ms', until, 'lifted_ms', lifted_at)
FROM sanctions
WHERE of = 'name' AND target = :name_key AND id > :after
ORDER BY id
LIMIT :most;

-- name: messages
-- Own ones, in channels and to people, with what they said before.
SELECT messages.id, messages.at,
       json_object('channel', channels.name, 'to', recipient, 'content', content,
                   'deleted', json(iif((SELECT deleted_at FROM message_changes WHERE message_id = messages.id) IS NULL,
                                       'false', 'true')),
                   'before', json((SELECT json_group_array(content) FROM message_versions WHERE message_id = messages.id)))
FROM messages LEFT JOIN channels ON channels.id = messages.channel_id
WHERE author_id = :user_id AND messages.id > :after
ORDER BY messages.id
LIMIT :most;

-- name: held
-- Own messages that wait, or that were refused or ran out.
SELECT held_messages.id, at,
       json_object('channel', channels.name, 'to', recipient, 'content', content, 'file', held_files.name, 'why', why,
                   'until_ms', until, 'state', state, 'reason', reason)
FROM held_messages
LEFT JOIN channels ON channels.id = channel_id
LEFT JOIN held_files ON held_files.held_id = held_messages.id
WHERE author_id = :user_id AND held_messages.id > :after
ORDER BY held_messages.id
LIMIT :most;

-- name: reports
-- Those that the person has sent; what the person wrote and others have reported is known from `messages`.
SELECT id, at,
       json_object('message_id', message_id, 'author', author, 'channel', nullif(place, ''), 'category', category,
                   'reason', reason, 'outcome', outcome, 'closed_ms', closed_at)
FROM reports
WHERE reporter_id = :user_id AND id > :after
ORDER BY id
LIMIT :most;

-- name: files
SELECT message_id, at, json_object('name', name, 'type', type, 'bytes', size, 'token', token)
FROM files
WHERE user_id = :user_id AND message_id > :after
ORDER BY message_id
LIMIT :most;

-- name: reactions
SELECT message_id, NULL, json_object('message_id', message_id, 'emoji', json_group_array(emoji))
FROM reactions
WHERE who = :user_id AND message_id > :after
GROUP BY message_id
ORDER BY message_id
LIMIT :most;

-- name: markers
SELECT channel_id, NULL, json_object('channel', channels.name, 'read_up_to', up_to)
FROM channel_markers JOIN channels ON channels.id = channel_id
WHERE user_id = :user_id AND channel_id > :after
ORDER BY channel_id
LIMIT :most;

-- name: conversations
SELECT newest, NULL, json_object('user', other, 'read_up_to', read_up_to, 'hidden_up_to', hidden_up_to)
FROM conversations
WHERE user_id = :user_id AND newest > :after
ORDER BY newest
LIMIT :most;

-- name: acts
-- What the person did, as the trail has it; about whom is those people's.
SELECT id, at, json_object('action', action, 'address', actor_address)
FROM audit
WHERE actor = :name AND id > :after
ORDER BY id
LIMIT :most;

-- name: about
-- What others did with the account; who they are is theirs.
SELECT id, at, json_object('action', action, 'before', before, 'after', after)
FROM audit
WHERE id > :after AND actor <> :name
  AND (object_type = 'user' AND object_id = CAST(:user_id AS TEXT)
       OR :name IN (json_extract(after, '$.name'), json_extract(after, '$.user'), json_extract(after, '$.target')))
ORDER BY id
LIMIT :most;
