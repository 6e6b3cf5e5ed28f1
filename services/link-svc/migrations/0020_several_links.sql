-- Further links of a message: names and targets, in the order of their indexes; NULL: none. They follow those of the
-- range's target URL, count by count.
ALTER TABLE ranges ADD COLUMN links jsonb;
