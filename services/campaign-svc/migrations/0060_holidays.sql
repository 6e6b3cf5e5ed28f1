-- Where a campaign skips public holidays, its groups are also of one country each.
ALTER TABLE campaign_groups ADD COLUMN country text;
