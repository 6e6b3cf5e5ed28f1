-- Whether the ratios were edited since the audience was taken: people get their variant anew when they are fed.
ALTER TABLE campaigns ADD COLUMN redealt boolean NOT NULL DEFAULT false;
