-- Times are milliseconds since 1970 in UTC.

CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT NOT NULL,
    name_key      TEXT NOT NULL UNIQUE,   -- what names are compared by: see classcord/chat/names.py
    role          TEXT NOT NULL CHECK (role IN ('member', 'moderator', 'admin', 'owner')),
    password_hash TEXT NOT NULL,
    alias         TEXT,
    alias_key     TEXT UNIQUE,
    first_name    TEXT,
    last_name     TEXT,
    email         TEXT,
    added_at      INTEGER NOT NULL
);

CREATE TABLE channels (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT NOT NULL,
    name_key     TEXT NOT NULL UNIQUE,
    kind         TEXT NOT NULL CHECK (kind IN ('default', 'open', 'approval', 'private')),
    topic        TEXT NOT NULL DEFAULT '',
    read_only    INTEGER NOT NULL DEFAULT 0,
    guests       INTEGER NOT NULL DEFAULT 1,
    archived     INTEGER NOT NULL DEFAULT 0,
    -- from this role on everyone is a member
    members_from TEXT CHECK (members_from IN ('guest', 'member', 'moderator', 'admin', 'owner')),
    made_by      INTEGER REFERENCES users (id) ON DELETE SET NULL,
    added_at     INTEGER NOT NULL
);

CREATE TABLE memberships (
    channel_id INTEGER NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    since      INTEGER NOT NULL,
    PRIMARY KEY (channel_id, user_id)
) WITHOUT ROWID;

CREATE TABLE messages (
    id           INTEGER PRIMARY KEY,     -- given out by the server, growing in the order of acceptance
    at           INTEGER NOT NULL,
    channel_id   INTEGER REFERENCES channels (id),
    conversation TEXT,                    -- of two people: '17:42', or '17:~zoé' with a guest
    author       TEXT NOT NULL,
    author_id    INTEGER REFERENCES users (id) ON DELETE SET NULL,
    recipient    TEXT,
    waiting_for  INTEGER REFERENCES users (id) ON DELETE SET NULL,
    content      TEXT NOT NULL,
    CHECK ((channel_id IS NULL) <> (conversation IS NULL))
);

-- An index holds the id of each row as well, so these are in the order of the messages.
CREATE INDEX messages_by_channel ON messages (channel_id) WHERE channel_id IS NOT NULL;
CREATE INDEX messages_by_conversation ON messages (conversation) WHERE conversation IS NOT NULL;
CREATE INDEX messages_waiting ON messages (waiting_for) WHERE waiting_for IS NOT NULL;

CREATE TABLE sessions (
    id         INTEGER PRIMARY KEY,       -- the session's number in the log
    user_id    INTEGER REFERENCES users (id) ON DELETE SET NULL,  -- NULL for a guest
    name       TEXT NOT NULL,
    address    TEXT NOT NULL,
    face       TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER
);

CREATE INDEX sessions_open ON sessions (id) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_user ON sessions (user_id);
