-- Warnings: sanctions that keep nobody from anything. One kind more, and whether the person has heard of it.

CREATE TABLE sanctions_with_warnings (
    id        INTEGER PRIMARY KEY,
    kind      TEXT NOT NULL CHECK (kind IN ('mute', 'kick', 'ban', 'warn')),
    of        TEXT NOT NULL CHECK (of IN ('name', 'network')),
    target    TEXT NOT NULL,              -- a name's key, or a network such as 10.0.0.0/24
    shown     TEXT NOT NULL,              -- the target as it was typed
    by        TEXT NOT NULL,
    reason    TEXT NOT NULL,
    added_at  INTEGER NOT NULL,
    until     INTEGER,                    -- NULL: for good
    lifted_by TEXT,
    lifted_at INTEGER,
    by_role   TEXT,                       -- that who imposed it had then; NULL: it was not kept yet
    told      INTEGER NOT NULL DEFAULT TRUE  -- of a warning: the person has heard of it
);

INSERT INTO sanctions_with_warnings
SELECT id, kind, of, target, shown, by, reason, added_at, until, lifted_by, lifted_at, by_role, TRUE FROM sanctions;
DROP TABLE sanctions;
ALTER TABLE sanctions_with_warnings RENAME TO sanctions;
CREATE INDEX sanctions_in_force ON sanctions (kind, target) WHERE lifted_at IS NULL;

-- What somebody else than its author has deleted is sealed: its words are for an owner who gives a reason.
ALTER TABLE message_changes ADD COLUMN sealed INTEGER NOT NULL DEFAULT FALSE;
UPDATE message_changes SET sealed = TRUE
WHERE deleted_by IS NOT NULL AND deleted_by <> (SELECT author FROM messages WHERE id = message_id);
