-- What the messages of a campaign may cost (NULL: whatever they cost), what those cost that a provider has or may have, what
-- those may cost that are on their way, and whether it was told that the budget pays for no more. `spent` is NULL where
-- nobody has counted: the campaign had no budget. `counted` is what campaign-svc knew when it told the budget.
ALTER TABLE campaigns ADD COLUMN budget numeric;
ALTER TABLE campaigns ADD COLUMN counted numeric NOT NULL DEFAULT 0;
ALTER TABLE campaigns ADD COLUMN spent numeric;
ALTER TABLE campaigns ADD COLUMN reserved numeric NOT NULL DEFAULT 0;
ALTER TABLE campaigns ADD COLUMN budget_told boolean NOT NULL DEFAULT false;
-- What was reserved of the budget when the slice became sending; NULL where there was none.
ALTER TABLE slices ADD COLUMN reserved numeric;
