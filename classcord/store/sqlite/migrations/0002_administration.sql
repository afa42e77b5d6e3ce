-- Administration: sanctions, requests for admission, the audit trail.

ALTER TABLE users ADD COLUMN must_change INTEGER NOT NULL DEFAULT 0;  -- the password was for one time

CREATE INDEX messages_by_author ON messages (author_id) WHERE author_id IS NOT NULL;
CREATE INDEX memberships_by_user ON memberships (user_id);
CREATE INDEX channels_by_maker ON channels (made_by) WHERE made_by IS NOT NULL;

CREATE TABLE sanctions (
    id        INTEGER PRIMARY KEY,
    kind      TEXT NOT NULL CHECK (kind IN ('mute', 'kick', 'ban')),
    of        TEXT NOT NULL CHECK (of IN ('name', 'network')),
    target    TEXT NOT NULL,              -- a name's key, or a network such as 10.0.0.0/24
    shown     TEXT NOT NULL,              -- the target as it was typed
    by        TEXT NOT NULL,
    reason    TEXT NOT NULL,
    added_at  INTEGER NOT NULL,
    until     INTEGER,                    -- NULL: for good
    lifted_by TEXT,
    lifted_at INTEGER
);

CREATE INDEX sanctions_in_force ON sanctions (kind, target) WHERE lifted_at IS NULL;

CREATE TABLE join_requests (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,  -- the audit trail names them: no id is given twice
    channel_id INTEGER NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    asked_at   INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    state      TEXT NOT NULL DEFAULT 'pending'
               CHECK (state IN ('pending', 'accepted', 'rejected', 'withdrawn', 'expired')),
    decided_by TEXT,
    decided_at INTEGER,
    reason     TEXT,
    told       INTEGER NOT NULL DEFAULT 0  -- its author knows what became of it
);

-- Of one account and channel, one request waits at a time.
CREATE UNIQUE INDEX join_requests_pending ON join_requests (channel_id, user_id) WHERE state = 'pending';
CREATE INDEX join_requests_untold ON join_requests (id) WHERE told = 0;
CREATE INDEX join_requests_by_user ON join_requests (user_id);

CREATE TABLE switches (
    name  TEXT PRIMARY KEY,               -- 'maintenance'
    value TEXT NOT NULL
) WITHOUT ROWID;

-- The audit trail: who changed what. Each row's hash covers the one before it and the digests of its personal fields;
-- an erasure takes a field and its salt, and leaves the digest (docs/SECURITE.md).
CREATE TABLE audit (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    at            INTEGER NOT NULL,
    actor         TEXT,
    actor_address TEXT,
    actor_key     TEXT,                   -- the fingerprint of the key by which the actor came in
    action        TEXT NOT NULL,
    object_type   TEXT NOT NULL,
    object_id     TEXT,
    before        TEXT,                   -- JSON
    after         TEXT,
    salts         TEXT NOT NULL,          -- JSON: of each personal field that is not erased
    digests       TEXT NOT NULL,          -- JSON: of each personal field
    hash          TEXT NOT NULL
);

CREATE INDEX audit_by_action ON audit (action, id);
CREATE INDEX audit_by_actor ON audit (actor, id);

CREATE TABLE audit_checkpoints (
    id        INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    audit_id  INTEGER NOT NULL,           -- the last row that this is about
    hash      TEXT NOT NULL,              -- its hash
    why       TEXT NOT NULL,              -- 'purge': the rows up to it were removed
    signature TEXT NOT NULL               -- by DATA/audit_key (Ed25519)
);
