-- Who may lift a sanction, and how often a one-time password lets somebody in.

ALTER TABLE users ADD COLUMN password_used INTEGER NOT NULL DEFAULT 0;  -- a one-time password has let somebody in
ALTER TABLE sanctions ADD COLUMN by_role TEXT;  -- that who imposed it had then; NULL: it was not kept yet
