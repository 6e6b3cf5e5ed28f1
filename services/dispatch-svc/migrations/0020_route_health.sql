-- Where each account could be sent to when that was last told (NULL: everywhere), and since when it can be sent to fewer
-- places than that.
CREATE TABLE route_health (
    account_id uuid PRIMARY KEY,
    reachable text[],
    worse_since timestamptz
);
