-- name: add
INSERT INTO inbound_messages (id, account_id, from_number, to_address, text, keyword, campaign_id, contact_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING
RETURNING true

-- name: writer
-- The contact, and the latest launched campaign that has it among its recipients, rather one of the sender ($4) that
-- the person wrote to. Providers may spell that one differently, and senders are removed: then the latest of any.
-- Who was not fed was sent nothing yet.
SELECT c.id AS contact_id, a.campaign_id, a.seq, a.variant, a.country, a.type
FROM contacts c
LEFT JOIN LATERAL (
    SELECT r.campaign_id, r.seq, r.variant, r.country, k.type FROM recipients r
    JOIN campaigns k ON k.id = r.campaign_id
    LEFT JOIN senders s ON s.id = k.sender_id
    WHERE r.contact_id = c.id AND coalesce((
        SELECT r.seq < g.first_seq + g.fed FROM campaign_groups AS g
        WHERE g.campaign_id = k.id AND g.first_seq <= r.seq ORDER BY g.no DESC LIMIT 1), r.seq < k.next_seq) AND k.account_id = $1 AND k.launched_at <= $3
    ORDER BY s.address IS NOT DISTINCT FROM $4 DESC, k.launched_at DESC LIMIT 1
) a ON true
WHERE c.account_id = $1 AND c.number = $2
