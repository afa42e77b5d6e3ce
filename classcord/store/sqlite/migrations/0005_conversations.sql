-- Conversations: who may come back without a password, what people have read, what became of a message.
-- A message's own row is written thousands of times a second; what only some messages have is in tables of its own.

-- Search. An index of the words of messages, without accents and case (classcord/chat/search/folding.py); it has no copy
-- of the texts. The server adds messages some time after they were stored (classcord/store/sqlite/word_index.py). Only
-- the server can fold, so triggers keep what it needs to take out, whoever has changed or deleted a message.

CREATE VIRTUAL TABLE message_words USING fts5 (
    words,
    places,                               -- where and by whom, in words of the index's own: 'c1 nzoe'
    content = '',
    columnsize = 0,
    prefix = '3',                         -- `bon*` is in so many messages; longer beginnings are in fewer
    tokenize = 'ascii'                    -- words are separated by spaces
);

CREATE TABLE words_indexed (              -- one row
    first INTEGER NOT NULL,               -- messages from this id on are in the index; older ones are yet to be added
    last  INTEGER NOT NULL,               -- up to this one; newer ones are looked through without the index
    taken_out INTEGER NOT NULL DEFAULT 0, -- of so many messages the words were taken out, for they were changed or deleted
    wiped INTEGER NOT NULL DEFAULT 0      -- of so many of these they are no longer in the file (word_removal.py)
);
INSERT INTO words_indexed (first, last) SELECT coalesce(max(id), 0) + 1, coalesce(max(id), 0) FROM messages;

CREATE TABLE words_outdated (             -- messages that were edited or deleted, as they are in the index
    message_id   INTEGER PRIMARY KEY,
    channel_id   INTEGER,
    conversation TEXT,
    author       TEXT NOT NULL,
    content      TEXT NOT NULL
);

CREATE TRIGGER message_words_edited AFTER UPDATE OF content ON messages WHEN NEW.content <> OLD.content
BEGIN
    INSERT INTO words_outdated
    SELECT OLD.id, OLD.channel_id, OLD.conversation, OLD.author, OLD.content
    FROM words_indexed WHERE OLD.id BETWEEN first AND last
    ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER message_words_deleted AFTER DELETE ON messages
BEGIN
    INSERT INTO words_outdated
    SELECT OLD.id, OLD.channel_id, OLD.conversation, OLD.author, OLD.content
    FROM words_indexed WHERE OLD.id BETWEEN first AND last
    ON CONFLICT DO NOTHING;
END;

-- Messages that a client has named: one that is sent again is found here, and is stored once.
CREATE TABLE client_ids (
    owner      TEXT NOT NULL,             -- an account's id; of a guest, see owner_of in classcord/chat/resends/rules.py
    client_id  TEXT NOT NULL,
    message_id INTEGER NOT NULL,
    at         INTEGER NOT NULL,          -- the message's time
    said       TEXT NOT NULL,             -- digests of its place and of what it says
    PRIMARY KEY (owner, client_id)
) WITHOUT ROWID;
CREATE INDEX client_ids_by_time ON client_ids (at);

-- Replies. A reply to a message that is gone is an ordinary message again.

CREATE TABLE replies (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    reply_to   INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE
);

CREATE INDEX replies_by_answered ON replies (reply_to);

-- Mentions: the accounts that a message calls by @name. They are unread in messages after a read marker; and in earlier
-- ones whose new words mention an account, until it reads its channel (or conversation) again.

CREATE TABLE mentions (
    user_id    INTEGER NOT NULL,  -- no reference: one to an account deleted a moment ago would refuse the message
    message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    by_edit    INTEGER NOT NULL DEFAULT FALSE,  -- the new words of an edit mention it, and it has not read them yet
    PRIMARY KEY (user_id, message_id)
) WITHOUT ROWID;

CREATE INDEX mentions_by_message ON mentions (message_id, user_id);
CREATE INDEX mentions_by_edit ON mentions (user_id, message_id) WHERE by_edit;

CREATE TRIGGER mentioned_user_removed AFTER DELETE ON users
BEGIN
    DELETE FROM mentions WHERE user_id = OLD.id;
END;

-- How far an account has read a channel. The marker stays when its owner leaves the channel, for the way back.
CREATE TABLE channel_markers (
    channel_id INTEGER NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    up_to      INTEGER NOT NULL,          -- the id of a message; what came after it is unread
    PRIMARY KEY (channel_id, user_id)
) WITHOUT ROWID;

CREATE INDEX channel_markers_by_user ON channel_markers (user_id);

-- The private conversations of each account, in which it has written or been written to. A private message is written
-- here too, by a statement of its own (`conversed` in queries/conversations.sql): a trigger would delay every message.
CREATE TABLE conversations (
    user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    conversation TEXT NOT NULL,           -- as in messages
    other        TEXT NOT NULL,           -- the other person's name in the newest message
    newest       INTEGER NOT NULL,        -- the id of the newest message
    read_up_to   INTEGER NOT NULL DEFAULT 0,
    hidden_up_to INTEGER NOT NULL DEFAULT 0,  -- closed by its owner: not listed until a newer message
    PRIMARY KEY (user_id, conversation)
) WITHOUT ROWID;

CREATE INDEX conversations_by_newest ON conversations (user_id, newest);

-- Whoever comes new into a channel has read what was said before.
CREATE TRIGGER member_has_read AFTER INSERT ON memberships
BEGIN
    INSERT OR IGNORE INTO channel_markers (channel_id, user_id, up_to)
    SELECT NEW.channel_id, NEW.user_id, id FROM messages WHERE channel_id = NEW.channel_id ORDER BY id DESC LIMIT 1;
END;

CREATE TRIGGER user_has_read AFTER INSERT ON users
BEGIN
    INSERT OR IGNORE INTO channel_markers (channel_id, user_id, up_to)
    SELECT id, NEW.id, coalesce((SELECT max(id) FROM messages WHERE channel_id = channels.id), 0)
    FROM channels
    WHERE members_from IN ('guest', 'member') OR members_from IS NOT NULL AND NEW.role <> 'member';
END;

CREATE TRIGGER user_with_role_has_read AFTER UPDATE OF role ON users
BEGIN
    INSERT OR IGNORE INTO channel_markers (channel_id, user_id, up_to)
    SELECT id, NEW.id, coalesce((SELECT max(id) FROM messages WHERE channel_id = channels.id), 0)
    FROM channels
    WHERE members_from IS NOT NULL;
END;

CREATE TRIGGER removed_channel_is_unread AFTER UPDATE OF removed_at ON channels WHEN NEW.removed_at IS NOT NULL
BEGIN
    DELETE FROM channel_markers WHERE channel_id = NEW.id;
END;

-- What was there before counts as read, but for private messages that wait to be handed over.
INSERT INTO channel_markers (channel_id, user_id, up_to)
SELECT channel_id, user_id, coalesce((SELECT max(id) FROM messages WHERE channel_id = memberships.channel_id), 0)
FROM memberships;

INSERT OR IGNORE INTO channel_markers (channel_id, user_id, up_to)
SELECT everyones.id, users.id, everyones.newest
FROM (
    SELECT id, members_from, coalesce((SELECT max(id) FROM messages WHERE channel_id = channels.id), 0) AS newest
    FROM channels
    WHERE members_from IS NOT NULL AND removed_at IS NULL
) AS everyones
JOIN users ON everyones.members_from IN ('guest', 'member') OR users.role <> 'member';

-- '17:42' read as a number is 17, and '~zoé' is 0, which is no account.
INSERT INTO conversations (user_id, conversation, other, newest, read_up_to)
SELECT users.id, messages.conversation, iif(author_id = users.id, recipient, author), messages.id,
       coalesce((SELECT min(id) - 1 FROM messages AS waiting
                 WHERE waiting.waiting_for = users.id AND waiting.conversation = messages.conversation), messages.id)
FROM (SELECT max(id) AS id FROM messages WHERE conversation IS NOT NULL GROUP BY conversation) AS newest
JOIN messages ON messages.id = newest.id
JOIN users ON users.id IN (
    CAST(conversation AS INTEGER), CAST(substr(conversation, instr(conversation, ':') + 1) AS INTEGER)
);

-- Messages that were edited or deleted, as they are now; a deleted one has no words any more.

CREATE TABLE message_changes (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    newest     INTEGER NOT NULL,          -- the newest message at the time of the last change
    edited_at  INTEGER,
    edits      INTEGER NOT NULL DEFAULT 0,
    deleted_at INTEGER,
    deleted_by TEXT
);

CREATE INDEX message_changes_by_newest ON message_changes (newest);

CREATE TRIGGER message_deleted AFTER INSERT ON message_changes WHEN NEW.deleted_at IS NOT NULL
BEGIN
    DELETE FROM mentions WHERE message_id = NEW.message_id;
    DELETE FROM reactions WHERE message_id = NEW.message_id;
    DELETE FROM pins WHERE message_id = NEW.message_id;
END;

CREATE TRIGGER edited_message_deleted AFTER UPDATE OF deleted_at ON message_changes WHEN NEW.deleted_at IS NOT NULL
BEGIN
    DELETE FROM mentions WHERE message_id = NEW.message_id;
    DELETE FROM reactions WHERE message_id = NEW.message_id;
    DELETE FROM pins WHERE message_id = NEW.message_id;
END;

-- What they said before, for moderators: kept as long as the message is.

CREATE TABLE message_versions (
    message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    version    INTEGER NOT NULL,          -- counts from 1
    at         INTEGER NOT NULL,          -- when it was written
    content    TEXT NOT NULL,
    PRIMARY KEY (message_id, version)
) WITHOUT ROWID;

CREATE TRIGGER message_version_kept BEFORE UPDATE OF content ON messages WHEN NEW.content <> OLD.content
BEGIN
    INSERT INTO message_versions (message_id, version, at, content)
    VALUES (
        OLD.id,
        (SELECT coalesce(max(version), 0) + 1 FROM message_versions WHERE message_id = OLD.id),
        coalesce((SELECT edited_at FROM message_changes WHERE message_id = OLD.id), OLD.at),
        OLD.content
    );
END;

-- Whose messages have no author_id: an operator without an account, in the role of the key; or an account that is gone.
-- All others are guests'.

CREATE TABLE author_roles (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    role       TEXT NOT NULL CHECK (role IN ('moderator', 'admin', 'owner'))
);

CREATE TABLE authors_gone (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE
);

CREATE TRIGGER author_removed BEFORE DELETE ON users
BEGIN
    INSERT INTO authors_gone SELECT id FROM messages WHERE author_id = OLD.id;
END;

-- The sessions that can be resumed. Nobody can resume one by what is stored here: the digest is of 256 random bits.
CREATE TABLE tokens (
    id         INTEGER PRIMARY KEY,       -- the number of the session that it was made for
    digest     TEXT NOT NULL UNIQUE,      -- SHA-256
    user_id    INTEGER REFERENCES users (id) ON DELETE CASCADE,  -- NULL for a guest
    name       TEXT NOT NULL,
    address    TEXT NOT NULL,             -- from where it was used last, and by which client
    client     TEXT NOT NULL,
    session    INTEGER NOT NULL,          -- the number of the session that has it now, or had it last
    made_at    INTEGER NOT NULL,
    used_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);
CREATE INDEX tokens_by_user ON tokens (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX tokens_by_end ON tokens (expires_at);

-- Sessions are forgotten some time after their end.
CREATE INDEX sessions_by_end ON sessions (ended_at) WHERE ended_at IS NOT NULL;

-- Reactions. Of each message and emoji the tally is kept beside the people, who may be a thousand.

CREATE TABLE reactions (
    message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    emoji      TEXT NOT NULL,
    who        INTEGER NOT NULL,          -- an account; below 0: a guest, by the number of the session
    guest      TEXT,                      -- the name of a guest
    PRIMARY KEY (message_id, emoji, who),
    CHECK ((who < 0) = (guest IS NOT NULL))
) WITHOUT ROWID;

CREATE INDEX reactions_by_who ON reactions (who);

CREATE TABLE reaction_tallies (
    id         INTEGER PRIMARY KEY,       -- in the order of the first reactions
    message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    emoji      TEXT NOT NULL,
    people     INTEGER NOT NULL,
    UNIQUE (message_id, emoji)
);

CREATE TRIGGER reaction_added AFTER INSERT ON reactions
BEGIN
    INSERT INTO reaction_tallies (message_id, emoji, people) VALUES (NEW.message_id, NEW.emoji, 1)
    ON CONFLICT DO UPDATE SET people = people + 1;
END;

CREATE TRIGGER reaction_taken AFTER DELETE ON reactions
BEGIN
    UPDATE reaction_tallies SET people = people - 1 WHERE message_id = OLD.message_id AND emoji = OLD.emoji;
    DELETE FROM reaction_tallies WHERE message_id = OLD.message_id AND emoji = OLD.emoji AND people = 0;
END;

CREATE TRIGGER reacting_user_removed AFTER DELETE ON users
BEGIN
    DELETE FROM reactions WHERE who = OLD.id;
END;

-- Block lists: whose private messages an account does not read.

CREATE TABLE blocks (
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    blocked_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    at         INTEGER NOT NULL,
    PRIMARY KEY (user_id, blocked_id)
) WITHOUT ROWID;

CREATE INDEX blocks_by_blocked ON blocks (blocked_id);

-- Profiles: a sentence beside the state.

ALTER TABLE users ADD COLUMN status_text TEXT;

-- What a channel is for, in more words than its topic.
ALTER TABLE channels ADD COLUMN description TEXT NOT NULL DEFAULT '';

-- Messages whose reactions or pin have changed, so that who was away can be told how they look now.
CREATE TABLE mark_changes (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    newest     INTEGER NOT NULL           -- the newest message at the time of the last such change
);

CREATE INDEX mark_changes_by_newest ON mark_changes (newest);

-- Pinned messages, of a channel or of a conversation.

CREATE TABLE pins (
    message_id   INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    channel_id   INTEGER REFERENCES channels (id),
    conversation TEXT,
    CHECK ((channel_id IS NULL) <> (conversation IS NULL))
);

CREATE INDEX pins_by_channel ON pins (channel_id) WHERE channel_id IS NOT NULL;
CREATE INDEX pins_by_conversation ON pins (conversation) WHERE conversation IS NOT NULL;

CREATE TRIGGER reaction_added_now AFTER INSERT ON reactions
BEGIN
    INSERT INTO mark_changes SELECT id, (SELECT max(id) FROM messages) FROM messages WHERE id = NEW.message_id
    ON CONFLICT DO UPDATE SET newest = excluded.newest;
END;

CREATE TRIGGER reaction_taken_now AFTER DELETE ON reactions
BEGIN
    INSERT INTO mark_changes SELECT id, (SELECT max(id) FROM messages) FROM messages WHERE id = OLD.message_id
    ON CONFLICT DO UPDATE SET newest = excluded.newest;
END;

CREATE TRIGGER pinned_now AFTER INSERT ON pins
BEGIN
    INSERT INTO mark_changes SELECT id, (SELECT max(id) FROM messages) FROM messages WHERE id = NEW.message_id
    ON CONFLICT DO UPDATE SET newest = excluded.newest;
END;

CREATE TRIGGER unpinned_now AFTER DELETE ON pins
BEGIN
    INSERT INTO mark_changes SELECT id, (SELECT max(id) FROM messages) FROM messages WHERE id = OLD.message_id
    ON CONFLICT DO UPDATE SET newest = excluded.newest;
END;
