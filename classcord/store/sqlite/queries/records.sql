-- One statement for each record of classcord/chat (vocabulary.py of each subject): the same name, the record's fields as parameters.
-- A statement that changes no row means that somebody else was first; the record is then refused.

-- name: user_added!
INSERT INTO users (id, name, name_key, role, password_hash, alias, alias_key, first_name, last_name, email,
                   must_change, password_used, added_at, vouched)
VALUES (:user_id, :name, :name_key, :role, :password_hash, :alias, :alias_key, :first_name, :last_name, :email,
        :must_change, :password_used, :added_at, :vouched);

-- name: password_changed!
UPDATE users
SET password_hash = :password_hash, must_change = :must_change, password_used = password_used AND :rehashed
WHERE id = :user_id;

-- name: password_used!
UPDATE users SET password_used = 1 WHERE id = :user_id AND must_change AND NOT password_used;

-- name: role_changed!
UPDATE users SET role = :role WHERE id = :user_id AND role = :before;

-- name: user_removed!
DELETE FROM users WHERE id = :user_id;

-- name: account_erased!
-- A trigger takes at once what says who the person is (migrations/0007_privacy.sql).
INSERT INTO erasures (id, user_id, added_at, at, shown, empties, keeps_acts, name, name_key)
SELECT :number, id, :added_at, :at, :shown, :empties, :keeps_acts, :name, :name_key
FROM users
WHERE id = :user_id AND name_key = :name_key;

-- name: account_left!
UPDATE users SET left_at = :at WHERE id = :user_id;

-- name: purge_begun!
-- The highest ids are kept, for their rows may go; older runs are forgotten after some years.
INSERT INTO purges (id, at, everyone, channels, private, connections, versions, reports, sanctions, audit,
                    last_message, last_session, last_sanction)
SELECT :number, :at, :everyone, :channels, :private, :connections, :versions, :reports, :sanctions, :audit,
       max(coalesce(max(last_message), 0), coalesce((SELECT max(id) FROM messages), 0)),
       max(coalesce(max(last_session), 0), coalesce((SELECT max(id) FROM sessions), 0)),
       max(coalesce(max(last_sanction), 0), coalesce((SELECT max(id) FROM sanctions), 0))
FROM purges
HAVING coalesce(max(id), 0) < :number AND coalesce(max(ended_at IS NULL), 0) = 0;

-- name: purge_ended!
UPDATE purges
SET ended_at = :at, removed = json_set(removed, '$.accounts', :accounts, '$.held', :held)
WHERE id = :number AND ended_at IS NULL;

-- name: profile_set!
-- NULL leaves a field as it is, '' clears it.
UPDATE users
SET alias = nullif(coalesce(:alias, alias), ''), alias_key = nullif(coalesce(:alias_key, alias_key), ''),
    first_name = nullif(coalesce(:first_name, first_name), ''), last_name = nullif(coalesce(:last_name, last_name), ''),
    email = nullif(coalesce(:email, email), ''), status_text = nullif(coalesce(:status_text, status_text), '')
WHERE id = :user_id;

-- name: person_blocked!
INSERT INTO blocks (user_id, blocked_id, at) VALUES (:user_id, :blocked_id, :at)
ON CONFLICT DO UPDATE SET at = at;

-- name: person_unblocked!
DELETE FROM blocks WHERE user_id = :user_id AND blocked_id = :blocked_id;

-- name: channel_added!
INSERT INTO channels (id, name, name_key, kind, topic, read_only, guests, archived, slow, hold, members_from, made_by,
                      made_from, description, added_at)
VALUES (:channel_id, :name, :name_key, :kind, :topic, :read_only, :guests, :archived, :slow, :hold, :members_from, :made_by,
        :made_from, :description, :added_at);

-- name: channel_removed!
-- A trigger takes its members out and ends the requests to be admitted (migrations/0003_channels.sql).
UPDATE channels SET removed_at = :at, name_key = ' ' || id WHERE id = :channel_id AND removed_at IS NULL;

-- name: topic_set!
UPDATE channels SET topic = :topic WHERE id = :channel_id AND removed_at IS NULL;

-- name: description_set!
UPDATE channels SET description = :description WHERE id = :channel_id AND removed_at IS NULL;

-- name: channel_archived!
UPDATE channels SET archived = :archived WHERE id = :channel_id AND archived <> :archived AND removed_at IS NULL;

-- name: channel_set!
-- NULL leaves a setting as it is.
UPDATE channels
SET name = coalesce(:name, name), name_key = coalesce(:name_key, name_key),
    read_only = coalesce(:read_only, read_only), guests = coalesce(:guests, guests), slow = coalesce(:slow, slow),
    hold = coalesce(:hold, hold), archived = coalesce(:archived, archived)
WHERE id = :channel_id AND removed_at IS NULL;

-- name: moderator_named!
-- Who has left the channel in the meantime is not one.
INSERT INTO channel_moderators (channel_id, user_id, at)
SELECT channels.id, users.id, :at FROM channels, users
WHERE channels.id = :channel_id AND users.id = :user_id AND removed_at IS NULL
  AND (members_from IS NOT NULL
       OR EXISTS (SELECT 1 FROM memberships WHERE channel_id = channels.id AND user_id = users.id))
ON CONFLICT DO NOTHING;

-- name: moderator_dismissed!
DELETE FROM channel_moderators WHERE channel_id = :channel_id AND user_id = :user_id;

-- name: join_requested!
INSERT INTO join_requests (id, channel_id, user_id, asked_at, expires_at)
SELECT :request_id, id, :user_id, :asked_at, :expires_at FROM channels WHERE id = :channel_id AND removed_at IS NULL;

-- name: join_decided!
UPDATE join_requests
SET state = :state, decided_by = :decided_by, decided_at = :decided_at, reason = :reason, told = :told
WHERE id = :request_id AND state = 'pending';

-- name: join_told!
UPDATE join_requests SET told = 1 WHERE id = :request_id AND told = 0;

-- name: invitation_code_made!
INSERT INTO invitation_codes (id, code, role, uses, used, channel_ids, note, made_by, maker_id, maker_key, made_at,
                              expires_at)
VALUES (:code_id, :code, :role, :uses, :used, :channel_ids, :note, :made_by, :maker_id, :maker_key, :made_at,
        :expires_at);

-- name: invitation_code_used!
UPDATE invitation_codes SET used = used + 1 WHERE id = :code_id AND used < uses AND expires_at > :at;

-- name: invitation_code_ended!
DELETE FROM invitation_codes WHERE id = :code_id;

-- name: sanction_added!
-- One sanction of a kind at a time: where one is in force, nothing is inserted. There may be several warnings.
INSERT INTO sanctions (id, kind, of, target, shown, by, by_role, reason, added_at, until, told)
SELECT :sanction_id, :kind, :of, :target, :shown, :by, :by_role, :reason, :added_at, :until, :told
WHERE :kind = 'warn' OR NOT EXISTS (
    SELECT 1 FROM sanctions
    WHERE kind = :kind AND target = :target AND lifted_at IS NULL AND (until IS NULL OR until > :added_at)
);

-- name: warning_told!
UPDATE sanctions SET told = TRUE WHERE id = :sanction_id AND NOT told;

-- name: sanction_lifted!
UPDATE sanctions SET lifted_by = :by, lifted_at = :lifted_at WHERE id = :sanction_id AND lifted_at IS NULL;

-- name: private_policy_set!
INSERT INTO switches (name, value) VALUES ('private_policy', :value) ON CONFLICT DO UPDATE SET value = :value;

-- name: quiet_hours_set!
INSERT INTO switches (name, value) VALUES ('quiet_hours', :value) ON CONFLICT DO UPDATE SET value = :value;

-- name: report_filed!
-- One open report of a message by one person.
INSERT INTO reports (id, at, message_id, reporter, reporter_key, reporter_id, author, author_id, author_role,
                     channel_id, conversation, place, category, reason, digest)
VALUES (:report_id, :at, :message_id, :reporter, :reporter_key, (SELECT id FROM users WHERE id = :reporter_id),
        :author, (SELECT id FROM users WHERE id = :author_id), :author_role, :channel_id, :conversation, :place,
        :category, :reason, :digest);

-- name: report_line!
INSERT INTO report_lines (report_id, place, message_id, at, author, author_id, content, cut, deleted_at, deleted_by,
                          file_token, file_name, file_type, file_size, file_digest)
VALUES (:report_id, :place, :message_id, :at, :author, (SELECT id FROM users WHERE id = :author_id), :content, :cut,
        :deleted_at, :deleted_by, :file_token, :file_name, :file_type, :file_size, :file_digest);

-- name: report_closed!
UPDATE reports
SET closed_at = :at, closed_by = :by, outcome = :outcome, closing_reason = :reason, told = :told
WHERE id = :report_id AND closed_at IS NULL;

-- name: outcome_told!
UPDATE reports SET told = TRUE WHERE id = :report_id AND NOT told;

-- name: setting_set!
INSERT INTO switches (name, value) VALUES (:name, :value) ON CONFLICT DO UPDATE SET value = :value;

-- name: lesson_begun!
-- One in each channel at a time, and one that is everyone's.
INSERT INTO lessons (id, kind, channel_id, write, private, networks, begun_by, reason, begun_at, until, of_staff)
SELECT :lesson_id, :kind, :channel_id, :write, :private, :networks, :begun_by, :reason, :begun_at, :until, :of_staff
WHERE NOT EXISTS (SELECT 1 FROM lessons WHERE ended_at IS NULL AND channel_id IS :channel_id);

-- name: lesson_prolonged!
UPDATE lessons SET until = :until WHERE id = :lesson_id AND ended_at IS NULL;

-- name: lesson_ended!
UPDATE lessons SET ended_at = :at, ended_by = :actor WHERE id = :lesson_id AND ended_at IS NULL;

-- name: member_added!
INSERT INTO memberships (channel_id, user_id, since)
SELECT id, :user_id, :since FROM channels WHERE id = :channel_id AND removed_at IS NULL
ON CONFLICT DO UPDATE SET since = since;

-- name: member_removed!
DELETE FROM memberships WHERE channel_id = :channel_id AND user_id = :user_id;

-- name: message_added!
INSERT INTO messages (id, at, channel_id, author, author_id, content)
VALUES (:message_id, :at, :channel_id, :author, :author_id, :content);

-- name: private_message_added!
-- Of a recipient who is here, the account may be gone by now: then the message waits for nobody, and is no mistake.
INSERT INTO messages (id, at, conversation, author, author_id, recipient, waiting_for, content)
VALUES (:message_id, :at, :conversation, :author, :author_id, :recipient,
        coalesce(:waiting_for, (SELECT id FROM users WHERE id = :sent_to)), :content);

-- name: client_id_kept!
INSERT INTO client_ids (owner, client_id, message_id, at, said)
VALUES (:owner, :client_id, :message_id, :at, :said)
ON CONFLICT DO NOTHING;

-- name: client_ids_forgotten!
DELETE FROM client_ids
WHERE (owner, client_id) IN (SELECT owner, client_id FROM client_ids WHERE at < :before ORDER BY at LIMIT :most);

-- name: replied!
INSERT INTO replies (message_id, reply_to) VALUES (:message_id, :reply_to);

-- name: mentioned!
INSERT INTO mentions (message_id, user_id) VALUES (:message_id, :user_id);

-- name: mentioned_by_edit!
INSERT INTO mentions (message_id, user_id, by_edit) VALUES (:message_id, :user_id, TRUE) ON CONFLICT DO NOTHING;

-- name: mentions_left!
DELETE FROM mentions
WHERE message_id = :message_id AND user_id NOT IN (SELECT value FROM json_each(:user_ids));

-- name: mentions_read!
UPDATE mentions INDEXED BY mentions_by_edit SET by_edit = FALSE
WHERE by_edit AND user_id = :user_id AND message_id <= :up_to
  AND EXISTS (
      SELECT 1 FROM messages WHERE id = message_id AND (channel_id = :channel_id OR conversation = :conversation)
  );

-- name: said_in_role!
INSERT INTO author_roles (message_id, role) VALUES (:message_id, :role);

-- name: message_held!
INSERT INTO held_messages (id, at, channel_id, conversation, author, author_id, recipient, owner, client_id, content,
                           reply_to, why, until, state, reason, decided_by, said_in)
VALUES (:held_id, :at, :channel_id, :conversation, :author, :author_id, :recipient, :owner, :client_id, :content,
        :reply_to, :why, :until, :state, :reason, :decided_by, :said_in);

-- name: held_file!
INSERT INTO held_files (held_id, token, name, type, size, digest, width, height)
VALUES (:held_id, :token, :name, :type, :size, :digest, :width, :height);

-- name: held_accepted!
-- Its file is then stored with the message.
DELETE FROM held_messages WHERE id = :held_id AND state = 'waiting';

-- name: held_on!
UPDATE held_messages SET why = :why, until = :until WHERE id = :held_id AND state = 'waiting';

-- name: held_refused!
UPDATE held_messages SET state = :state, reason = :reason, decided_by = :decided_by
WHERE id = :held_id AND state = 'waiting';

-- name: held_forgotten!
DELETE FROM held_messages WHERE id = :held_id;

-- name: answered_if_there!
INSERT INTO replies (message_id, reply_to) SELECT :message_id, id FROM messages WHERE id = :reply_to;

-- name: file_attached!
INSERT INTO files (message_id, token, name, type, size, digest, width, height, user_id, channel_id, at)
VALUES (:message_id, :token, :name, :type, :size, :digest, :width, :height, :user_id, :channel_id, :at);

-- name: file_removed!
-- Its content goes when no other message has it (classcord/services/files/).
DELETE FROM files WHERE message_id = :message_id;

-- name: message_edited!
-- A trigger keeps what the message said before (migrations/0005_conversations.sql).
UPDATE messages
SET content = :content
WHERE id = :message_id
  AND NOT EXISTS (SELECT 1 FROM message_changes WHERE message_id = :message_id AND deleted_at IS NOT NULL);

-- name: message_deleted!
-- It is not handed over any more to who was away.
UPDATE messages
SET content = '', waiting_for = NULL
WHERE id = :message_id
  AND NOT EXISTS (SELECT 1 FROM message_changes WHERE message_id = :message_id AND deleted_at IS NOT NULL);

-- name: message_changed!
-- Whatever else changes: what is deleted stays so.
INSERT INTO message_changes (message_id, newest, edited_at, edits, deleted_at, deleted_by, sealed)
VALUES (:message_id, :newest, :edited_at, :edited_at IS NOT NULL, :deleted_at, :deleted_by, :sealed)
ON CONFLICT DO UPDATE
SET newest = excluded.newest,
    edited_at = coalesce(excluded.edited_at, edited_at),
    edits = edits + excluded.edits,
    deleted_at = coalesce(deleted_at, excluded.deleted_at),
    deleted_by = coalesce(deleted_by, excluded.deleted_by),
    sealed = sealed OR excluded.sealed;

-- name: message_pinned!
INSERT INTO pins (message_id, channel_id, conversation)
SELECT id, channel_id, conversation
FROM messages
WHERE id = :message_id
    AND NOT EXISTS (SELECT 1 FROM message_changes WHERE message_id = messages.id AND deleted_at IS NOT NULL)
    AND (SELECT count(*) FROM pins WHERE channel_id = messages.channel_id) < :most
    AND (SELECT count(*) FROM pins WHERE conversation = messages.conversation) < :most;

-- name: message_unpinned!
DELETE FROM pins WHERE message_id = :message_id;

-- name: reacted!
-- Nobody brings another emoji where there are so many different ones; nor has one person more than so many of them.
-- A deleted message has none.
INSERT INTO reactions (message_id, emoji, who, guest)
SELECT id, :emoji, :who, :guest
FROM messages
WHERE id = :message_id
    AND NOT EXISTS (SELECT 1 FROM message_changes WHERE message_id = messages.id AND deleted_at IS NOT NULL)
    AND (
        EXISTS (SELECT 1 FROM reaction_tallies WHERE message_id = messages.id AND emoji = :emoji)
        OR (SELECT count(*) FROM reaction_tallies WHERE message_id = messages.id) < :most_emoji
    )
    AND (
        SELECT count(*)
        FROM reaction_tallies AS tally
        JOIN reactions AS own ON own.message_id = tally.message_id AND own.emoji = tally.emoji AND own.who = :who
        WHERE tally.message_id = messages.id
    ) < :most_own;

-- name: reaction_taken!
DELETE FROM reactions WHERE message_id = :message_id AND emoji = :emoji AND who = :who;

-- name: message_kept!
-- Not if it was deleted while it was on its way.
UPDATE messages SET waiting_for = :waiting_for
WHERE id = :message_id
  AND NOT EXISTS (SELECT 1 FROM message_changes WHERE message_id = messages.id AND deleted_at IS NOT NULL);

-- name: kept_handed_over!
UPDATE messages SET waiting_for = NULL
WHERE waiting_for = :user_id AND id IN (SELECT value FROM json_each(:message_ids));

-- name: token_made!
INSERT INTO tokens (id, digest, user_id, name, address, client, session, made_at, used_at, expires_at)
VALUES (:token_id, :digest, :user_id, :name, :address, :client, :session, :made_at, :used_at, :expires_at);

-- name: token_used!
UPDATE tokens
SET session = :session, name = :name, address = :address, client = :client, used_at = :used_at,
    expires_at = :expires_at
WHERE id = :token_id AND session = :follows;

-- name: token_prolonged!
UPDATE tokens SET used_at = :used_at, expires_at = :expires_at WHERE id = :token_id;

-- name: token_ended!
DELETE FROM tokens WHERE id = :token_id;

-- name: tokens_ended!
DELETE FROM tokens WHERE user_id = :user_id AND id <> :kept;

-- name: tokens_expired!
DELETE FROM tokens WHERE expires_at <= :at;

-- name: session_started!
INSERT INTO sessions (id, user_id, name, address, face, started_at)
VALUES (:session_id, :user_id, :name, :address, :face, :started_at);

-- name: session_ended!
UPDATE sessions SET ended_at = :ended_at WHERE id = :session_id AND ended_at IS NULL;

-- name: session_taken_over!
UPDATE sessions SET ended_at = :ended_at WHERE id = :session_id AND ended_at IS NULL;

-- name: sessions_closed!
UPDATE sessions SET ended_at = :at WHERE ended_at IS NULL;

-- name: channel_read!
INSERT INTO channel_markers (channel_id, user_id, up_to)
SELECT channels.id, users.id, :up_to FROM channels, users
WHERE channels.id = :channel_id AND users.id = :user_id AND removed_at IS NULL
ON CONFLICT DO UPDATE SET up_to = max(up_to, excluded.up_to);

-- name: conversation_read!
UPDATE conversations SET read_up_to = max(read_up_to, :up_to)
WHERE user_id = :user_id AND conversation = :conversation;

-- name: conversation_hidden!
UPDATE conversations SET hidden_up_to = :up_to, read_up_to = max(read_up_to, min(newest, :up_to))
WHERE user_id = :user_id AND conversation = :conversation AND newest > hidden_up_to;
