-- Held messages: their authors may write them, but they wait until somebody approves them, or until a time. What is
-- delivered or forgotten leaves these tables; a refused one stays until its author knows. A channel that is deleted
-- leaves its messages to the server, which tells their authors.

CREATE TABLE held_messages (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    at           INTEGER NOT NULL,
    channel_id   INTEGER REFERENCES channels (id),
    conversation TEXT,
    author       TEXT NOT NULL,
    author_id    INTEGER REFERENCES users (id) ON DELETE CASCADE,
    recipient    TEXT,
    owner        TEXT NOT NULL,           -- for whom the client_id is unique, as in client_ids
    client_id    TEXT,
    content      TEXT NOT NULL,
    reply_to     INTEGER,                 -- a message, which may be gone by now
    why          TEXT NOT NULL,           -- hold, words, quiet_hours
    until        INTEGER,                 -- NULL: until a person decides
    state        TEXT NOT NULL DEFAULT 'waiting',
    reason       TEXT NOT NULL DEFAULT '',
    decided_by   TEXT,
    said_in      INTEGER NOT NULL,        -- the session
    CHECK ((channel_id IS NULL) <> (conversation IS NULL)),
    CHECK ((conversation IS NULL) = (recipient IS NULL))
);

CREATE UNIQUE INDEX held_messages_by_client_id ON held_messages (owner, client_id)
WHERE client_id IS NOT NULL AND state = 'waiting';
CREATE INDEX held_messages_by_author ON held_messages (author_id) WHERE author_id IS NOT NULL;

CREATE TABLE held_files (                 -- as in files
    held_id INTEGER PRIMARY KEY REFERENCES held_messages (id) ON DELETE CASCADE,
    token   TEXT NOT NULL UNIQUE,
    name    TEXT NOT NULL,
    type    TEXT NOT NULL,
    size    INTEGER NOT NULL,
    digest  TEXT NOT NULL,
    width   INTEGER,
    height  INTEGER
);

-- How members of a channel write: seconds between two messages of one, and whether a moderator reads them first.

ALTER TABLE channels ADD COLUMN slow INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN hold INTEGER NOT NULL DEFAULT 0;

-- The moderators of a channel, who are members of it; whoever leaves it is one no longer.

CREATE TABLE channel_moderators (
    channel_id INTEGER NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    at         INTEGER NOT NULL,
    PRIMARY KEY (channel_id, user_id)
) WITHOUT ROWID;

CREATE INDEX channel_moderators_by_user ON channel_moderators (user_id);

CREATE TRIGGER moderator_has_left AFTER DELETE ON memberships
BEGIN
    DELETE FROM channel_moderators WHERE channel_id = OLD.channel_id AND user_id = OLD.user_id;
END;

CREATE TRIGGER removed_channel_has_no_moderators AFTER UPDATE OF removed_at ON channels WHEN NEW.removed_at IS NOT NULL
BEGIN
    DELETE FROM channel_moderators WHERE channel_id = NEW.id;
END;

-- Whoever is erased has no messages that wait, moderates nothing, and is not named in those of others.
CREATE TRIGGER erased_wait_for_nothing AFTER INSERT ON erasures
BEGIN
    DELETE FROM held_messages WHERE author_id = NEW.user_id;
    UPDATE held_messages SET recipient = NEW.shown WHERE recipient = NEW.name;
    UPDATE held_messages SET decided_by = NEW.shown WHERE decided_by = NEW.name;
    DELETE FROM channel_moderators WHERE user_id = NEW.user_id;
END;
