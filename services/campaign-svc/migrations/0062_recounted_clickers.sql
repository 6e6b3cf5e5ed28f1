-- Clicks may be judged again by newer rules. Who does not count any more keeps a row without a time: an older event
-- that comes late, or again, must not count them once more. `rules` is the newest version that judged the recipient.
ALTER TABLE clickers ALTER COLUMN at DROP NOT NULL, ADD COLUMN rules integer NOT NULL DEFAULT 0;
