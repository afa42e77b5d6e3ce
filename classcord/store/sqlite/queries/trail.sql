-- The audit trail (classcord/store/sqlite/audit_chain.py).

-- name: last^
-- What the next entry follows: the newest one there is.
SELECT id, hash FROM audit WHERE id = (SELECT max(id) FROM audit);

-- name: last_purged^
-- The entry that the first one of all follows, after a purge.
SELECT audit_id, hash FROM audit_checkpoints WHERE id = (SELECT max(id) FROM audit_checkpoints);

-- name: counted^
-- The highest id ever given to an entry.
SELECT seq FROM sqlite_sequence WHERE name = 'audit';

-- name: added!
INSERT INTO audit (id, at, actor, actor_address, actor_key, action, object_type, object_id, before, after, salts,
                   digests, hash)
VALUES (:id, :at, :actor, :actor_address, :actor_key, :action, :object_type, :object_id, :before, :after, :salts,
        :digests, :hash);

-- name: whole
SELECT id, at, actor, actor_address, actor_key, action, object_type, object_id, before, after, salts, digests, hash
FROM audit
ORDER BY id;

-- name: page
SELECT id, at, actor, actor_address, actor_key, action, object_type, object_id, before, after, salts, digests, hash
FROM audit
WHERE id > :after
ORDER BY id
LIMIT :most;

-- name: checkpoints
SELECT id, at, audit_id, hash, why, signature FROM audit_checkpoints ORDER BY id;

-- name: first_kept^
-- The oldest entry that a purge leaves; all that was written after it stays too, whatever the clock said.
SELECT id FROM audit WHERE at >= :before ORDER BY id LIMIT 1;

-- name: last_before^
-- The entry before an id.
SELECT id, hash FROM audit WHERE id = (SELECT max(id) FROM audit WHERE id < :id);

-- name: last_checkpoint^
SELECT coalesce(max(id), 0) FROM audit_checkpoints;

-- name: checkpoint_added!
INSERT INTO audit_checkpoints (id, at, audit_id, hash, why, signature)
VALUES (:id, :at, :audit_id, :hash, :why, :signature);

-- name: purged!
DELETE FROM audit WHERE id <= :up_to;

-- name: erased!
UPDATE audit
SET actor = :actor, actor_address = :actor_address, actor_key = :actor_key, object_id = :object_id, before = :before,
    after = :after, salts = :salts
WHERE id = :id;

-- What administrators read: the newest entries, newest first. The columns are the fields of AuditEntry in ports.py.

-- name: entries
SELECT id, at, actor, actor_address, actor_key, action, object_type, object_id, before, after
FROM audit
WHERE id < :before_id
ORDER BY id DESC
LIMIT :limit;

-- name: entries_of_actor
SELECT id, at, actor, actor_address, actor_key, action, object_type, object_id, before, after
FROM audit
WHERE actor = :actor AND id < :before_id
ORDER BY id DESC
LIMIT :limit;

-- name: entries_of_action
SELECT id, at, actor, actor_address, actor_key, action, object_type, object_id, before, after
FROM audit
WHERE action = :action AND id < :before_id
ORDER BY id DESC
LIMIT :limit;

-- name: entries_of_actor_and_action
SELECT id, at, actor, actor_address, actor_key, action, object_type, object_id, before, after
FROM audit
WHERE actor = :actor AND action = :action AND id < :before_id
ORDER BY id DESC
LIMIT :limit;

-- Two examples of what the trail answers (docs/SECURITE.md), for `sqlite3 -readonly DATA/classcord.db`.

-- name: channels_changed_often
-- Channels that were changed more than twice in a week (which begins on a Monday), the latest weeks first.
SELECT strftime('%Y, week %W', at / 1000, 'unixepoch') AS week, channels.name AS channel, count(*) AS changes
FROM audit LEFT JOIN channels ON channels.id = CAST(object_id AS INTEGER)
WHERE action IN ('channel-added', 'channel-closed', 'channel-reopened', 'topic-set')
GROUP BY week, object_id
HAVING count(*) > 2
ORDER BY week DESC, changes DESC, channel;

-- name: deletions_by_administrator
-- Who has deleted accounts and closed channels, how many, and when last (UTC).
SELECT coalesce(actor, '(erased)') AS administrator,
       sum(action = 'user-removed') AS accounts,
       sum(action = 'channel-closed') AS channels,
       strftime('%Y-%m-%d %H.%M', max(at) / 1000, 'unixepoch') AS latest
FROM audit
WHERE action IN ('user-removed', 'channel-closed')
GROUP BY actor
ORDER BY count(*) DESC, administrator;
