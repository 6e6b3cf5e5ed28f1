-- name: claim
-- Those whose check is due, each for one replica: the next is due when the claim is over, should this one be lost.
INSERT INTO domain_health AS h (domain_id, next_check_at)
SELECT d.id, now() + $1::interval FROM domains AS d LEFT JOIN domain_health AS k ON k.domain_id = d.id
WHERE d.state IN ('pending', 'active') AND (k.domain_id IS NULL OR k.next_check_at <= now())
ORDER BY k.next_check_at NULLS FIRST LIMIT $2
ON CONFLICT (domain_id) DO UPDATE SET next_check_at = excluded.next_check_at WHERE h.next_check_at <= now()
RETURNING domain_id

-- name: domains
SELECT id, account_id, host FROM domains WHERE id = ANY($1::uuid[])

-- name: of
SELECT domain_id, checked_at, problem, certificate_expires_at, failures, told FROM domain_health
WHERE domain_id = ANY($1::uuid[]) AND checked_at IS NOT NULL

-- name: save
INSERT INTO domain_health (domain_id, next_check_at, checked_at, problem, certificate_expires_at, failures, told)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (domain_id) DO UPDATE SET next_check_at = excluded.next_check_at, checked_at = excluded.checked_at,
    problem = excluded.problem, certificate_expires_at = excluded.certificate_expires_at,
    failures = excluded.failures, told = excluded.told

-- name: forget_unused
-- Nobody need look at a domain that was told to fail and is in use no more.
UPDATE domain_health AS h SET told = false FROM domains AS d
WHERE d.id = h.domain_id AND h.told AND d.state <> 'active'
RETURNING d.id, d.account_id, d.host
