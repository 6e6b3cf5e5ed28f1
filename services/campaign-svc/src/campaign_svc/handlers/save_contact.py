"""One contact is added or rewritten by hand."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from campaign_svc.domain import numbers
from campaign_svc.domain.contacts import Contact, check_attributes, check_timezone, clean_tags
from campaign_svc.store import contacts
from volley_chassis import etags
from volley_chassis.database import Pool
from volley_contracts import new_id


class NumberTakenError(Exception):
    """Another contact of the account has this number."""

    def __init__(self, number: str, contact_id: UUID | None) -> None:
        self.number = number
        self.contact_id = contact_id
        super().__init__(f"The account has a contact with the number {number}.")


def contact_of(
    *,
    number: str,
    country: str | None,
    attributes: dict[str, str],
    tags: Iterable[str],
    timezone: str | None,
    at: datetime,
) -> Contact:
    """A new contact. Raises IllegalFieldError."""
    numbers.check_country(country)
    found = numbers.parse(number, country)
    check_attributes(attributes)
    if timezone is not None:
        check_timezone(timezone)
    return Contact(
        id=new_id(),
        number=found.number,
        country=found.country,
        attributes=attributes,
        tags=clean_tags(tags),
        timezone=timezone,
        created_at=at,
        updated_at=at,
    )


async def add_contact(pool: Pool, account_id: UUID, contact: Contact) -> None:
    """Raises NumberTakenError."""
    async with pool.acquire() as connection, connection.transaction():
        if not await contacts.add(connection, account_id, contact):
            other = await contacts.by_number(connection, account_id, contact.number)
            raise NumberTakenError(contact.number, other.id if other else None)
        await contacts.know_names(connection, account_id, contact.attributes)


async def replace_contact(pool: Pool, account_id: UUID, contact: Contact, if_match: str | None) -> Contact | None:
    """Everything but id and creation; None if the account has no such contact. Raises NumberTakenError, StaleError."""
    try:
        async with pool.acquire() as connection, connection.transaction():
            before = await contacts.lock(connection, account_id, contact.id)
            if before is None:
                return None
            etags.check(if_match, etags.tag_of(before))
            await contacts.save(connection, account_id, contact)
            await contacts.know_names(connection, account_id, contact.attributes)
    except asyncpg.UniqueViolationError as error:
        other = await contacts.by_number(pool, account_id, contact.number)
        raise NumberTakenError(contact.number, other.id if other else None) from error
    return msgspec.structs.replace(contact, created_at=before.created_at)
