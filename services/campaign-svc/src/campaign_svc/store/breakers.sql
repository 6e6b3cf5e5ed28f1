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

-- name: add_optout
-- Of a message in the window only: people go on opting out of what was sent before a resume.
UPDATE campaign_progress SET optouts = optouts + 1
WHERE campaign_id = $1 AND ($3 = 0 OR EXISTS (
    SELECT FROM batches WHERE campaign_id = $1 AND batch_no >= $3 AND $2 >= first_seq AND $2 < first_seq + count
))
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
