-- Every statement adds to rows in the order of their keys, and the handlers run the statements in one order (errors,
-- domains, links, minutes, costs, figures): two events that touch the same rows wait for each other and never in a circle.

-- name: add_errors
INSERT INTO errors AS e (campaign_id, account_id, stage, error, count)
SELECT $1::uuid, $2::uuid, stage, error, count FROM unnest($3::text[], $4::text[], $5::bigint[]) AS new (stage, error, count)
ON CONFLICT (campaign_id, stage, error) DO UPDATE SET count = e.count + excluded.count

-- name: add_domains
INSERT INTO domains AS d (
    campaign_id, account_id, purpose, domain_id, submitted, submitted_with_receipts, delivered, undelivered, failed,
    parts, clicks_raw, clicks_human, clickers, optouts
)
SELECT $1::uuid, $2::uuid, new.*
FROM unnest(
    $3::text[], $4::uuid[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[],
    $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[]
) AS new
ON CONFLICT (campaign_id, purpose, domain_id) DO UPDATE SET
    submitted = d.submitted + excluded.submitted,
    submitted_with_receipts = d.submitted_with_receipts + excluded.submitted_with_receipts,
    delivered = d.delivered + excluded.delivered,
    undelivered = d.undelivered + excluded.undelivered,
    failed = d.failed + excluded.failed,
    parts = d.parts + excluded.parts,
    clicks_raw = d.clicks_raw + excluded.clicks_raw,
    clicks_human = d.clicks_human + excluded.clicks_human,
    clickers = d.clickers + excluded.clickers,
    optouts = d.optouts + excluded.optouts

-- name: add_links
INSERT INTO links AS l (campaign_id, account_id, link, clicks_raw, clicks_human)
SELECT $1::uuid, $2::uuid, new.* FROM unnest($3::text[], $4::bigint[], $5::bigint[]) AS new
ON CONFLICT (campaign_id, link) DO UPDATE SET
    clicks_raw = l.clicks_raw + excluded.clicks_raw,
    clicks_human = l.clicks_human + excluded.clicks_human

-- name: add_minutes
INSERT INTO minutes AS m (
    campaign_id, account_id, minute, submitted, delivered, undelivered, failed, parts, clicks_raw, clicks_human,
    clickers, optouts, replies
)
SELECT $1::uuid, $2::uuid, new.*
FROM unnest(
    $3::timestamptz[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
    $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[]
) AS new
ON CONFLICT (campaign_id, minute) DO UPDATE SET
    submitted = m.submitted + excluded.submitted,
    delivered = m.delivered + excluded.delivered,
    undelivered = m.undelivered + excluded.undelivered,
    failed = m.failed + excluded.failed,
    parts = m.parts + excluded.parts,
    clicks_raw = m.clicks_raw + excluded.clicks_raw,
    clicks_human = m.clicks_human + excluded.clicks_human,
    clickers = m.clickers + excluded.clickers,
    optouts = m.optouts + excluded.optouts,
    replies = m.replies + excluded.replies

-- name: add_costs
INSERT INTO costs AS c (campaign_id, account_id, minute, currency, cost)
SELECT $1::uuid, $2::uuid, new.* FROM unnest($3::timestamptz[], $4::text[], $5::numeric[]) AS new
ON CONFLICT (campaign_id, minute, currency) DO UPDATE SET cost = c.cost + excluded.cost

-- name: add_figures
INSERT INTO figures AS f (
    campaign_id, account_id, variant, country, currency, submitted, submitted_with_receipts, delivered, undelivered,
    failed, unknown, suppressed, cancelled, parts, cost, clicks_raw, clicks_human, clickers, optouts,
    optouts_page, optouts_reply, replies
)
SELECT $1::uuid, $2::uuid, new.*
FROM unnest(
    $3::int[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[],
    $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::numeric[], $16::bigint[], $17::bigint[],
    $18::bigint[], $19::bigint[], $20::bigint[], $21::bigint[], $22::bigint[]
) AS new
ON CONFLICT (campaign_id, variant, country, currency) DO UPDATE SET
    submitted = f.submitted + excluded.submitted,
    submitted_with_receipts = f.submitted_with_receipts + excluded.submitted_with_receipts,
    delivered = f.delivered + excluded.delivered,
    undelivered = f.undelivered + excluded.undelivered,
    failed = f.failed + excluded.failed,
    unknown = f.unknown + excluded.unknown,
    suppressed = f.suppressed + excluded.suppressed,
    cancelled = f.cancelled + excluded.cancelled,
    parts = f.parts + excluded.parts,
    cost = f.cost + excluded.cost,
    clicks_raw = f.clicks_raw + excluded.clicks_raw,
    clicks_human = f.clicks_human + excluded.clicks_human,
    clickers = f.clickers + excluded.clickers,
    optouts = f.optouts + excluded.optouts,
    optouts_page = f.optouts_page + excluded.optouts_page,
    optouts_reply = f.optouts_reply + excluded.optouts_reply,
    replies = f.replies + excluded.replies

-- name: figures_of
SELECT * FROM figures WHERE campaign_id = $1 AND account_id = $2 ORDER BY variant, country, currency

-- name: figures_of_many
SELECT * FROM figures WHERE campaign_id = ANY($1::uuid[]) ORDER BY campaign_id, variant, country, currency

-- name: errors_of
SELECT stage, error, count FROM errors WHERE campaign_id = $1 AND account_id = $2 ORDER BY count DESC, error

-- name: domains_of
SELECT domain_id, purpose, submitted, submitted_with_receipts, delivered, undelivered, failed, parts, clicks_raw,
       clicks_human, clickers, optouts
FROM domains WHERE campaign_id = $1 AND account_id = $2 ORDER BY purpose DESC, domain_id

-- name: links_of
SELECT link, clicks_raw, clicks_human FROM links WHERE campaign_id = $1 AND account_id = $2 ORDER BY link

-- name: first_minute_of
SELECT min(minute) FROM minutes WHERE campaign_id = $1 AND account_id = $2

-- name: of_campaign
campaign_id = $1 AND account_id = $2

-- name: of_account
$1::uuid IS NULL AND account_id = $2

-- name: steps_of
SELECT date_trunc($5, minute, 'UTC') AS at, sum(submitted)::bigint AS submitted, sum(delivered)::bigint AS delivered,
       sum(undelivered)::bigint AS undelivered, sum(failed)::bigint AS failed, sum(parts)::bigint AS parts,
       sum(clicks_raw)::bigint AS clicks_raw, sum(clicks_human)::bigint AS clicks_human,
       sum(clickers)::bigint AS clickers, sum(optouts)::bigint AS optouts, sum(replies)::bigint AS replies
FROM minutes WHERE {whose} AND minute >= $3 AND minute < $4 GROUP BY 1 ORDER BY 1

-- name: costs_of
SELECT date_trunc($5, minute, 'UTC') AS at, currency, sum(cost) AS cost
FROM costs WHERE {whose} AND minute >= $3 AND minute < $4 GROUP BY 1, 2 ORDER BY 1, 2
