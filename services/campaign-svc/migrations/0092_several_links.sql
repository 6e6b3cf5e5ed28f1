-- Further links of the texts: names and target URLs; of passed contents with their UTM parameters.
ALTER TABLE campaigns ADD COLUMN links jsonb NOT NULL DEFAULT '[]';
ALTER TABLE campaign_contents ADD COLUMN links jsonb NOT NULL DEFAULT '[]';
