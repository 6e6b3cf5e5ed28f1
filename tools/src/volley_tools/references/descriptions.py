"""The words at the top of the API's description."""

DESCRIPTION = """\
Campaigns of text messages: contacts, senders, links, moderation, sending, figures.

Every request carries an API key, `Authorization: Bearer vk_...`, which belongs to one account and has one role: a
`viewer` reads, an `operator` also works with everything that campaigns need, a `reviewer` reads and decides in
moderation, an `admin` may do everything. Scopes limit a key further, to groups of requests of this page or to reading
them: `campaigns`, `statistics:read`. What belongs to another account does not exist for you.

Users sign in with POST /v1/sessions: programs send its token in place of an API key, browsers the cookie.

    curl -H "Authorization: Bearer $VOLLEY_KEY" https://volley.example/v1/me

What goes wrong comes back as `application/problem+json`, with a `code` for programs, a `detail` for people, and
`errors` that name the illegal fields and their fixes.

A POST with an `Idempotency-Key` is carried out once, however often it is sent within 24 hours; the same answer
comes again, with `Idempotent-Replay: true`. A secret (a new API key, an invitation) is answered once: the same request
is then refused with 409, `done_before`. Signing in, switching the account and accepting an
invitation take no key.

What can be edited is answered with an `ETag`. An edit or a removal that names it in `If-Match` is carried out only as
long as it holds: where somebody else was quicker it is refused with 412, whose `current` is the ETag of now. It names
the state of what an edit may change: figures that go on counting do not touch it. Without `If-Match` the last edit
wins. Rules, suppressions and API keys are never edited, only removed, and need no ETag.

Lists come in pages of `limit` (1 to 200): `next` goes into `after` for the next page, and is null at the end.
Times are RFC 3339 with a zone, amounts are decimal strings beside a currency, numbers are E.164 with the plus
sign.

An API key may send 50 requests a second and 100 at once (the operator of the platform may set it otherwise, and a key
may have a lower rate of its own); above that comes 429 with `Retry-After`.
"""

TAGS = {
    "Accounts": "Accounts, users and sign-in, API keys, roles, the audit log.",
    "Live": "What happens, as it happens.",
    "Statistics": "Figures of campaigns: delivery, clicks, cost, opt-outs.",
}
