-- The languages that the recipients of opt-out URLs want, where something is known: one where all want the same, else one
-- for each with commas between them.
ALTER TABLE ranges ADD COLUMN languages text;
