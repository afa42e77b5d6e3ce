-- Privacy: people who are erased (docs/RGPD.md has the rule for each column).

CREATE TABLE erasures (
    id         INTEGER PRIMARY KEY,       -- the number in `shown`
    user_id    INTEGER NOT NULL UNIQUE,
    added_at   INTEGER NOT NULL,          -- of the account; with its id it is found in an older backup
    at         INTEGER NOT NULL,
    shown      TEXT NOT NULL,             -- what stands where the name stood
    empties    INTEGER NOT NULL,          -- the words of the person's messages go too
    keeps_acts INTEGER NOT NULL,          -- what the person did to keep order stays in the audit trail
    name       TEXT,                      -- until nothing is kept about the person any more
    name_key   TEXT
);

CREATE INDEX erasures_under_way ON erasures (id) WHERE name IS NOT NULL;

-- At once goes what says who the person is, and what lets the person in; the rest in steps (store/sqlite/erasing.py).
CREATE TRIGGER account_erased AFTER INSERT ON erasures
BEGIN
    UPDATE users
    SET name = NEW.shown, name_key = ' ' || id, password_hash = '', alias = NULL, alias_key = NULL, first_name = NULL,
        last_name = NULL, email = NULL, status_text = NULL
    WHERE id = NEW.user_id;
    DELETE FROM tokens WHERE user_id = NEW.user_id;
    DELETE FROM blocks WHERE user_id = NEW.user_id OR blocked_id = NEW.user_id;
    DELETE FROM memberships WHERE user_id = NEW.user_id;
    DELETE FROM join_requests WHERE user_id = NEW.user_id;
    UPDATE channels SET made_by = NULL WHERE made_by = NEW.user_id;
END;

-- A message under another name has other words in the index of search: its author is one of them.
CREATE TRIGGER message_words_renamed AFTER UPDATE OF author ON messages WHEN NEW.author <> OLD.author
BEGIN
    INSERT INTO words_outdated
    SELECT OLD.id, OLD.channel_id, OLD.conversation, OLD.author, OLD.content
    FROM words_indexed WHERE OLD.id BETWEEN first AND last
    ON CONFLICT DO NOTHING;
END;
