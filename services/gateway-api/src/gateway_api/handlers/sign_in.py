"""Who calls: the owner of the API key."""

from gateway_api.store import api_keys
from gateway_api.store.api_keys import SignedIn
from volley_chassis.database import Pool

_SCHEME = "bearer "


class NotSignedInError(Exception):
    """No valid key; the message says what is wrong with the header."""


async def sign_in(pool: Pool, authorization: str | None) -> SignedIn:
    """The owner of the key in an Authorization header. Asked of the database every time: a revoked key ends at once."""
    if authorization is None:
        raise NotSignedInError("The Authorization header is missing: send `Authorization: Bearer vk_...`.")
    if not authorization.lower().startswith(_SCHEME):
        raise NotSignedInError("The Authorization header is not of the form `Bearer vk_...`.")
    caller = await api_keys.sign_in(pool, authorization[len(_SCHEME) :].strip())
    if caller is None:
        raise NotSignedInError("The API key is unknown or was revoked.")
    if caller.stale:
        await api_keys.touch(pool, caller.id)
    return caller
