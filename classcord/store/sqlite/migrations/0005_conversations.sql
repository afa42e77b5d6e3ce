-- Conversations: who may come back without a password, what people have read, what became of a message.
-- A message's own row is written thousands of times a second; what only some messages have is in tables of its own.

-- Messages that a client has named: one that is sent again is found here, and is stored once.
CREATE TABLE client_ids (
    owner      TEXT NOT NULL,             -- an account's id; of a guest, see owner_of in classcord/chat/resends/rules.py
    client_id  TEXT NOT NULL,
    message_id INTEGER NOT NULL,
    at         INTEGER NOT NULL,          -- the message's time
    said       TEXT NOT NULL,             -- a digest of its place and content
    PRIMARY KEY (owner, client_id)
) WITHOUT ROWID;
CREATE INDEX client_ids_by_time ON client_ids (at);

-- Replies. A reply to a message that is gone is an ordinary message again.

CREATE TABLE replies (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    reply_to   INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE
);

CREATE INDEX replies_by_answered ON replies (reply_to);

-- Mentions: the accounts that a message calls by @name. The unread ones of an account in a channel (or conversation):
-- SELECT count(*) FROM mentions JOIN messages ON messages.id = mentions.message_id
-- WHERE mentions.user_id = :user_id AND mentions.message_id > :last_read AND messages.channel_id = :channel_id

CREATE TABLE mentions (
    user_id    INTEGER NOT NULL,  -- no reference: one to an account deleted a moment ago would refuse the message
    message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, message_id)
) WITHOUT ROWID;

CREATE INDEX mentions_by_message ON mentions (message_id, user_id);

CREATE TRIGGER mentioned_user_removed AFTER DELETE ON users
BEGIN
    DELETE FROM mentions WHERE user_id = OLD.id;
END;
