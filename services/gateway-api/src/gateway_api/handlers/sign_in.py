"""Who calls: the owner of the API key, or the user of the session."""

import time

from gateway_api.domain.callers import SignedIn
from gateway_api.domain.users import SESSION_PREFIX, session_in
from gateway_api.store import api_keys, users
from volley_chassis.database import Pool

_SCHEME = "bearer "
_KEEP_SECONDS = 1.0
_KEEP_MOST = 10_000


class NotSignedInError(Exception):
    """No valid key; the message says what is wrong with the header."""


class Callers:
    """The owners of keys, asked of the database at most once a second: so soon ends a key that is revoked elsewhere."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._known: dict[str, tuple[float, SignedIn]] = {}

    async def of(self, authorization: str | None, cookies: str | None = None) -> SignedIn:
        """Who an Authorization header, or else a session's cookie, belongs to. Raises NotSignedInError."""
        if authorization is None and (session := session_in(cookies)):
            authorization = f"Bearer {session}"
        if authorization is None:
            raise NotSignedInError("The Authorization header is missing: send `Authorization: Bearer vk_...`.")
        known = self._known.get(authorization)
        if known and time.monotonic() < known[0]:
            return known[1]
        if not authorization.lower().startswith(_SCHEME):
            raise NotSignedInError("The Authorization header is not of the form `Bearer vk_...`.")
        caller = await self._owner(authorization[len(_SCHEME) :].strip())
        if caller.stale:
            await api_keys.touch(self._pool, caller.id)
        if len(self._known) >= _KEEP_MOST:
            self._known.clear()
        self._known[authorization] = time.monotonic() + _KEEP_SECONDS, caller
        return caller

    async def _owner(self, token: str) -> SignedIn:
        if token.startswith(SESSION_PREFIX) and (user := await users.sign_in(self._pool, token)):
            return user
        if token.startswith(SESSION_PREFIX):
            raise NotSignedInError("The session is unknown or has ended: sign in again.")
        if owner := await api_keys.sign_in(self._pool, token):
            return owner
        raise NotSignedInError("The API key is unknown, was revoked, or has expired.")

    def forget(self) -> None:
        """Somebody changed keys here: what was known of them counts no more."""
        self._known.clear()
