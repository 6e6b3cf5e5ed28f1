-- name: forget
DELETE FROM campaign_groups WHERE campaign_id = $1

-- name: add
-- A label is zones with $6 between them, and the country behind $7 where its holidays count.
INSERT INTO campaign_groups (campaign_id, no, zones, country, first_seq, count)
SELECT $1, g.no, string_to_array(split_part(g.label, $7, 1), $6), nullif(split_part(g.label, $7, 2), ''), g.first_seq, g.count
FROM unnest($2::int[], $3::text[], $4::int[], $5::int[]) AS g (no, label, first_seq, count)

-- name: of_campaign
SELECT no, zones, country, first_seq, count, fed FROM campaign_groups WHERE campaign_id = $1 ORDER BY no

-- name: advance
UPDATE campaign_groups SET fed = $3 WHERE campaign_id = $1 AND no = $2

-- name: outstanding
-- Of some groups: what waits for the hours of another must not keep these from being fed.
SELECT count(*) FROM batches AS b WHERE b.campaign_id = $1 AND b.settled < b.count AND EXISTS (
    SELECT FROM campaign_groups AS g
    WHERE g.campaign_id = $1 AND g.no = ANY($2::int[]) AND b.first_seq >= g.first_seq AND b.first_seq < g.first_seq + g.count
)
