-- Retention: what goes by itself when its time is over (docs/RGPD.md).

-- When somebody was last here with this account; an account that was never used has the day on which it was made.
ALTER TABLE users ADD COLUMN seen_at INTEGER;
-- When the person left the school: the account is shut out, and erased some time later. NULL: the person is here.
ALTER TABLE users ADD COLUMN left_at INTEGER;

UPDATE users
SET seen_at = max(added_at, coalesce((SELECT max(max(started_at, coalesce(ended_at, 0))) FROM sessions
                                      WHERE user_id = users.id), 0));

CREATE TRIGGER user_seen AFTER INSERT ON users WHEN NEW.seen_at IS NULL
BEGIN
    UPDATE users SET seen_at = NEW.added_at WHERE id = NEW.id;
END;

-- Whoever logs in is here.
CREATE TRIGGER user_came AFTER INSERT ON sessions WHEN NEW.user_id IS NOT NULL
BEGIN
    UPDATE users SET seen_at = max(coalesce(seen_at, 0), NEW.started_at), left_at = NULL WHERE id = NEW.user_id;
END;

CREATE TRIGGER user_went AFTER UPDATE OF ended_at ON sessions WHEN NEW.user_id IS NOT NULL AND NEW.ended_at IS NOT NULL
BEGIN
    UPDATE users SET seen_at = max(seen_at, NEW.ended_at) WHERE id = NEW.user_id;
END;

CREATE TRIGGER erased_is_unseen AFTER INSERT ON erasures
BEGIN
    UPDATE users SET seen_at = NULL, left_at = NULL WHERE id = NEW.user_id;
END;

-- Whoever is let in again has not left.
CREATE TRIGGER ban_lifted AFTER UPDATE OF lifted_at ON sanctions
WHEN NEW.lifted_at IS NOT NULL AND NEW.kind = 'ban' AND NEW.of = 'name'
BEGIN
    UPDATE users SET left_at = NULL WHERE name_key = NEW.target;
END;

-- The runs of the retention job. What is older than the times in a run goes in steps (store/sqlite/purging.py).
CREATE TABLE purges (
    id           INTEGER PRIMARY KEY,
    at           INTEGER NOT NULL,
    everyone     INTEGER NOT NULL,        -- messages of the channel of everyone that are older than this time go
    channels     INTEGER NOT NULL,
    private      INTEGER NOT NULL,
    connections  INTEGER NOT NULL,
    versions     INTEGER NOT NULL,
    reports      INTEGER NOT NULL,
    sanctions    INTEGER NOT NULL,
    audit        INTEGER NOT NULL,
    last_message INTEGER NOT NULL DEFAULT 0,  -- the highest ids then: no id is given out again when its row is gone
    last_session INTEGER NOT NULL DEFAULT 0,
    last_sanction INTEGER NOT NULL DEFAULT 0,
    removed      TEXT NOT NULL DEFAULT '{}',  -- how many rows of each kind have gone, in JSON
    swept        INTEGER NOT NULL DEFAULT FALSE,  -- nothing is left to remove
    ended_at     INTEGER                  -- NULL: under way
);

CREATE INDEX purges_under_way ON purges (id) WHERE NOT swept;

CREATE INDEX sanctions_by_end ON sanctions (coalesce(lifted_at, until)) WHERE coalesce(lifted_at, until) IS NOT NULL;
CREATE INDEX reports_by_end ON reports (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX join_requests_by_end ON join_requests (decided_at) WHERE decided_at IS NOT NULL;
CREATE INDEX lessons_by_end ON lessons (ended_at) WHERE ended_at IS NOT NULL;
