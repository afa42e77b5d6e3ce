-- Channels that are deleted, and where a channel was made: what one place may make is bounded.

ALTER TABLE channels ADD COLUMN made_from TEXT NOT NULL DEFAULT '';  -- an address, of IPv6 a /64
-- Its messages stay, for exports; its name is free again, for its key becomes one that no name has.
ALTER TABLE channels ADD COLUMN removed_at INTEGER;

CREATE TRIGGER channel_removed AFTER UPDATE OF removed_at ON channels WHEN NEW.removed_at IS NOT NULL
BEGIN
    DELETE FROM memberships WHERE channel_id = NEW.id;
    UPDATE join_requests SET state = 'expired', decided_at = NEW.removed_at WHERE channel_id = NEW.id AND state = 'pending';
    UPDATE join_requests SET told = 1 WHERE channel_id = NEW.id AND told = 0;
END;

-- With an account goes the address that its channels were made from.
CREATE TRIGGER channel_maker_removed AFTER UPDATE OF made_by ON channels WHEN NEW.made_by IS NULL
BEGIN
    UPDATE channels SET made_from = '' WHERE id = NEW.id;
END;
