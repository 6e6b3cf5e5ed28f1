-- Whose values stand in the text of a test, so that it can be emptied when they are erased.
ALTER TABLE test_sends ADD COLUMN contact_id uuid;
