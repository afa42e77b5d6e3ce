-- Reports of messages. Each has copies of the message and of the lines around it: whatever is edited, deleted or purged
-- afterwards takes nothing away, so nothing here refers to a message.

CREATE TABLE reports (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,  -- the audit trail names them: no id is given twice
    at             INTEGER NOT NULL,
    message_id     INTEGER NOT NULL,
    reporter       TEXT NOT NULL,
    reporter_key   TEXT NOT NULL,         -- an account's id, or of a guest '~' and the name's key
    reporter_id    INTEGER REFERENCES users (id) ON DELETE SET NULL,
    author         TEXT NOT NULL,
    author_id      INTEGER REFERENCES users (id) ON DELETE SET NULL,
    author_role    TEXT NOT NULL,         -- then
    channel_id     INTEGER,
    conversation   TEXT,
    place          TEXT NOT NULL,         -- the name of the channel then; '' of a private message
    category       TEXT,
    reason         TEXT NOT NULL,
    digest         TEXT NOT NULL,         -- SHA-256 of what was copied; the audit trail has it, too
    closed_at      INTEGER,
    closed_by      TEXT,
    outcome        TEXT CHECK (outcome IN ('acted', 'unfounded', 'duplicate')),
    closing_reason TEXT NOT NULL DEFAULT '',
    told           INTEGER NOT NULL DEFAULT FALSE,  -- whoever has sent it knows what became of it
    CHECK ((channel_id IS NULL) <> (conversation IS NULL)),
    CHECK ((closed_at IS NULL) = (outcome IS NULL))
);

-- Of one message, one person has one report open.
CREATE UNIQUE INDEX reports_open ON reports (message_id, reporter_key) WHERE closed_at IS NULL;
CREATE INDEX reports_closed ON reports (id) WHERE closed_at IS NOT NULL;
CREATE INDEX reports_untold ON reports (id) WHERE NOT told;
CREATE INDEX reports_by_reporter ON reports (reporter_id) WHERE reporter_id IS NOT NULL;
CREATE INDEX reports_by_author ON reports (author_id) WHERE author_id IS NOT NULL;

CREATE TABLE report_lines (
    report_id   INTEGER NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    place       INTEGER NOT NULL,         -- in their order, from 0
    message_id  INTEGER NOT NULL,
    at          INTEGER NOT NULL,         -- since when the message said so
    author      TEXT NOT NULL,
    author_id   INTEGER REFERENCES users (id) ON DELETE SET NULL,
    content     TEXT NOT NULL,
    cut         INTEGER NOT NULL,         -- there was no room for all of it
    deleted_at  INTEGER,                  -- the message was deleted before it was reported
    deleted_by  TEXT,
    file_token  TEXT UNIQUE,              -- another one than the message's, for those who read the report
    file_name   TEXT,
    file_type   TEXT,
    file_size   INTEGER,
    file_digest TEXT,
    PRIMARY KEY (report_id, place)
) WITHOUT ROWID;

CREATE INDEX report_lines_by_author ON report_lines (author_id) WHERE author_id IS NOT NULL;
CREATE INDEX report_lines_by_digest ON report_lines (file_digest, file_size) WHERE file_digest IS NOT NULL;
