-- What has no rule here stays. Figures, minutes, costs, domains and errors are what campaigns are remembered by, and what cost
-- is billed by; clickers, optouts and presses make each person count once for as long as links and opt-out URLs live,
-- and opt-out URLs live for ever: some 50 bytes a person. The outbox empties by itself.

-- name: clicks
-- Figures have counted them. Whoever clicked as a person then can be judged no more, and stays a clicker.
WITH old AS (
    SELECT ctid, campaign_id, seq, reason FROM clicks WHERE at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
), settled AS (
    UPDATE clickers AS c SET settled = true FROM old
    WHERE c.campaign_id = old.campaign_id AND c.seq = old.seq AND old.reason IS NULL AND NOT c.settled
)
DELETE FROM clicks USING old WHERE clicks.ctid = old.ctid
