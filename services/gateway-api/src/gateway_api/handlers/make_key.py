"""A new API key."""

import secrets
from datetime import datetime
from uuid import UUID

from gateway_api.domain.api_keys import key_of, prefix_of
from gateway_api.store import api_keys
from gateway_api.store.api_keys import ApiKey
from volley_chassis.database import Connection
from volley_chassis.http import Role
from volley_contracts import new_id


async def make_key(
    connection: Connection,
    account_id: UUID,
    name: str,
    role: Role,
    *,
    scopes: list[str] | None = None,
    rate_per_second: float | None = None,
    user_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """The key's record and the key itself, which nobody can see again."""
    key = key_of(secrets.token_urlsafe(32))
    made = await api_keys.add(
        connection,
        new_id(),
        account_id,
        name=name,
        prefix=prefix_of(key),
        key=key,
        role=role,
        scopes=scopes,
        rate_per_second=rate_per_second,
        user_id=user_id,
        expires_at=expires_at,
    )
    return made, key
