-- What has no rule here stays. Suppressions are the last word on a number: without it somebody who opted out would be
-- texted. Pieces and campaigns stay as long as the campaign may send, however long it is paused: a piece that comes
-- again must be known, or everybody in it would be sent to twice. Cost is kept where campaigns are: campaign-svc, stats-svc.
-- Parked receipts and owners go by themselves (parked.sql, owners.sql); the outbox empties by itself.

-- name: slices
-- Only the record of who was handed over when. By number, so that no index is needed: the oldest come first.
DELETE FROM slices WHERE slice_no IN (
    SELECT slice_no FROM (SELECT slice_no, state, settled_at FROM slices ORDER BY slice_no LIMIT $2) AS oldest
    WHERE state = 'done' AND settled_at < $1
)

-- name: pieces
-- Of campaigns that have ended, and of what is sent beside all campaigns (a UUID of version 8), which never comes again.
DELETE FROM pieces WHERE ctid = ANY(ARRAY(
    SELECT p.ctid FROM pieces AS p LEFT JOIN campaigns AS c USING (campaign_id)
    WHERE p.value IS NULL AND p.taken_at < $1 AND (
        c.status IN ('finished', 'aborted', 'deleted') AND c.changed_at < $1
        OR c.campaign_id IS NULL OR substr(p.campaign_id::text, 15, 1) = '8'
    ) LIMIT $2
))

-- name: campaigns
DELETE FROM campaigns WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM campaigns AS c WHERE changed_at < $1
    AND (status IN ('finished', 'aborted', 'deleted') OR substr(campaign_id::text, 15, 1) = '8')
    AND NOT EXISTS (SELECT FROM pieces AS p WHERE p.campaign_id = c.campaign_id) LIMIT $2
))

-- name: message_parts
-- Receipts of what was taken so long ago do not come any more.
DELETE FROM message_parts WHERE ctid = ANY(ARRAY(SELECT ctid FROM message_parts WHERE created_at < $1 LIMIT $2))

-- name: unknown_messages
-- Nor do those that would settle what a crash left unknown; it stays counted so.
DELETE FROM unknown_messages WHERE ctid = ANY(ARRAY(SELECT ctid FROM unknown_messages WHERE settled_at < $1 LIMIT $2))

-- name: inbound_messages
-- campaign-svc has them; here they only tell what a provider delivers again. The oldest come first.
DELETE FROM inbound_messages WHERE message_id IN (
    SELECT message_id FROM (SELECT message_id, received_at FROM inbound_messages ORDER BY message_id LIMIT $2) AS oldest
    WHERE received_at < $1
)
