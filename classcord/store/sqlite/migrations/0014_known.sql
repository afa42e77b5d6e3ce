-- Who is known during an exam, and whose a lesson is, also when its author is gone.

-- Somebody who manages accounts has made it, or let it into channels: it is no second name of one of the class.
ALTER TABLE users ADD COLUMN vouched INTEGER NOT NULL DEFAULT FALSE;
-- Begun by somebody who holds lessons everywhere, and not by a moderator of the channel.
ALTER TABLE lessons ADD COLUMN of_staff INTEGER NOT NULL DEFAULT TRUE;
