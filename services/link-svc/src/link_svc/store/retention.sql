-- What has no rule here stays. Ranges of opt-out URLs live for ever: who kept a message can opt out. `taken` tells a
-- batch that comes again from a new one as long as its campaign may send, however long that is paused: nobody gets
-- other links, or two messages. What waits goes with its campaign; the outbox empties by itself.

-- name: target_values
DELETE FROM target_values WHERE ctid = ANY(ARRAY(
    SELECT v.ctid FROM ranges AS r JOIN target_values AS v USING (domain_id, start) WHERE r.expires_at < $1 LIMIT $2
))

-- name: ranges
-- A link that expired is gone (410), and some day as if it had never been (404). Its index is not given out again.
DELETE FROM ranges WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM ranges AS r WHERE expires_at < $1
    AND NOT EXISTS (SELECT FROM target_values AS v WHERE v.domain_id = r.domain_id AND v.start = r.start) LIMIT $2
))

-- name: taken
DELETE FROM taken WHERE ctid = ANY(ARRAY(
    SELECT t.ctid FROM ended_campaigns AS e JOIN taken AS t USING (campaign_id) WHERE e.ended_at < $1 LIMIT $2
))

-- name: ended_campaigns
DELETE FROM ended_campaigns WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM ended_campaigns AS e WHERE ended_at < $1
    AND NOT EXISTS (SELECT FROM taken AS t WHERE t.campaign_id = e.campaign_id) LIMIT $2
))
