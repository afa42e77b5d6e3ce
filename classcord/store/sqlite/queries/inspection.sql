-- What doctor and export ask of a database file.

-- name: account_names
SELECT name, alias FROM users ORDER BY id;

-- name: must_change$
SELECT must_change FROM users WHERE name_key = :name_key;

-- name: switch$
SELECT value FROM switches WHERE name = :name;

-- name: last_run^
SELECT at, ended_at FROM purges WHERE id = (SELECT max(id) FROM purges);

-- name: unused_staff
SELECT name FROM users WHERE role <> 'member' AND seen_at < :before ORDER BY id;

-- name: newest_message$
SELECT at FROM messages WHERE id = (SELECT max(id) FROM messages);

-- name: last_of_users$
SELECT max(id) FROM users;

-- name: last_of_messages$
SELECT max(id) FROM messages;

-- name: last_of_audit$
SELECT max(id) FROM audit;
