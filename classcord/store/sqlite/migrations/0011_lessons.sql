-- Lessons and exams: who writes where until when.

CREATE TABLE lessons (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,  -- lesson or exam
    channel_id INTEGER REFERENCES channels,  -- NULL: everyone's
    write TEXT NOT NULL,  -- where those write whom it concerns: channel, or staff (nowhere)
    private TEXT NOT NULL,  -- to whom they write privately: staff, or policy (as ever)
    networks TEXT NOT NULL DEFAULT '',  -- of the room of an exam, with commas between them
    begun_by TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    begun_at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    ended_at INTEGER,  -- NULL: it is held
    ended_by TEXT  -- NULL: its time was up
) STRICT;

CREATE INDEX lessons_held ON lessons (channel_id) WHERE ended_at IS NULL;
