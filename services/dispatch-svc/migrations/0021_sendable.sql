-- When messages of a piece may leave; NULL: at any time.
ALTER TABLE pieces ADD COLUMN sendable tstzmultirange;
