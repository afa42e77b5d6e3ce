-- Files that messages carry. A content lies in DATA/files under its digest, once for all messages that have it; it is
-- removed some time after the last of these rows. Whoever knows the token may read the file.

CREATE TABLE files (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    token      TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,             -- the sender's, without a path
    type       TEXT NOT NULL,             -- what the content shows it to be
    size       INTEGER NOT NULL,          -- bytes
    digest     TEXT NOT NULL,             -- SHA-256 of the content, in hexadecimal
    width      INTEGER,                   -- of an image
    height     INTEGER,
    user_id    INTEGER REFERENCES users (id) ON DELETE SET NULL,
    channel_id INTEGER REFERENCES channels (id),
    at         INTEGER NOT NULL
);

CREATE INDEX files_by_digest ON files (digest, size);
CREATE INDEX files_by_user ON files (user_id, at, size) WHERE user_id IS NOT NULL;
CREATE INDEX files_by_channel ON files (channel_id, at, size) WHERE channel_id IS NOT NULL;
