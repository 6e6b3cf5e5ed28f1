-- name: of_account
SELECT breakers FROM account_breakers WHERE account_id = $1

-- name: set_for_account
INSERT INTO account_breakers (account_id, breakers) VALUES ($1, $2)
ON CONFLICT (account_id) DO UPDATE SET breakers = excluded.breakers, updated_at = now()

-- name: window
SELECT "window" FROM campaign_progress WHERE campaign_id = $1

-- name: set_window
UPDATE campaign_progress SET "window" = $2 WHERE campaign_id = $1

-- name: begin_window
UPDATE campaign_progress SET "window" = $2, optouts = 0 WHERE campaign_id = $1

-- name: with_optouts_to_count
SELECT DISTINCT c.account_id, c.id FROM optouts AS o JOIN campaigns AS c ON c.id = o.campaign_id WHERE NOT o.counted

-- name: take_optouts_to_count
UPDATE optouts SET counted = true WHERE campaign_id = $1 AND NOT counted RETURNING seq

-- name: add_optouts
-- Of messages in the window only: people go on opting out of what was sent before a resume.
WITH of_window AS (
    SELECT count(*) AS count FROM unnest($2::int[]) AS optout (seq)
    WHERE $3 = 0 OR EXISTS (
        SELECT FROM batches AS b
        WHERE b.campaign_id = $1 AND b.batch_no >= $3 AND seq >= b.first_seq AND seq < b.first_seq + b.count
    )
)
UPDATE campaign_progress SET optouts = optouts + of_window.count
FROM of_window WHERE campaign_id = $1 AND of_window.count > 0
RETURNING optouts

-- name: optouts
SELECT optouts FROM campaign_progress WHERE campaign_id = $1

-- name: told
-- What is older than the last that was kept changes nothing.
INSERT INTO route_health AS h (account_id, reachable, at) VALUES ($1, $2, $3)
ON CONFLICT (account_id) DO UPDATE SET reachable = excluded.reachable, at = excluded.at WHERE h.at < excluded.at
RETURNING true

-- name: reachable
SELECT reachable FROM route_health WHERE account_id = $1

-- name: set_budget_needed
INSERT INTO campaign_progress (campaign_id, budget_needed) VALUES ($1, $2)
ON CONFLICT (campaign_id) DO UPDATE SET budget_needed = excluded.budget_needed

-- name: budget_needed
SELECT budget_needed FROM campaign_progress WHERE campaign_id = $1
