-- Codes by which people make their own accounts. A code that is ended is deleted: the audit trail knows of it.

CREATE TABLE invitation_codes (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    code        TEXT NOT NULL UNIQUE,        -- as it is spelt: its maker is shown it again
    role        TEXT NOT NULL,
    uses        INTEGER NOT NULL,            -- how many accounts it makes at most
    used        INTEGER NOT NULL DEFAULT 0,
    channel_ids TEXT NOT NULL DEFAULT '[]',  -- what the new accounts are members of
    note        TEXT NOT NULL DEFAULT '',
    made_by     TEXT NOT NULL,
    maker_id    INTEGER,                     -- the account; numbers of deleted accounts do not come again
    maker_key   TEXT,                        -- or the key of admin_keys/
    made_at     INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
);

CREATE INDEX invitation_codes_by_maker ON invitation_codes (maker_id) WHERE maker_id IS NOT NULL;

-- With the account of its maker goes a code, however that goes.
CREATE TRIGGER codes_of_removed AFTER DELETE ON users
BEGIN
    DELETE FROM invitation_codes WHERE maker_id = OLD.id;
END;

CREATE TRIGGER codes_of_erased AFTER INSERT ON erasures
BEGIN
    DELETE FROM invitation_codes WHERE maker_id = NEW.user_id;
END;
