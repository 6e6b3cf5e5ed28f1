-- Which version of its texts a batch came with last.
ALTER TABLE taken ADD COLUMN content_version int NOT NULL DEFAULT 0;
