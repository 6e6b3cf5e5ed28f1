-- The countries of the recipients of opt-out URLs, for the language of their page: one code where all are of the same
-- country, else one for each, without anything between them.
ALTER TABLE ranges ADD COLUMN countries text;
