"""Conditions that make a dynamic segment: who is in it follows from what is known of people, not from a list."""

from typing import Annotated, Literal, get_args
from uuid import UUID

import msgspec

from campaign_svc.domain.choices import Zoned
from campaign_svc.domain.contacts import IllegalFieldError

Engagement = Literal["received", "clicked", "replied"]
_ENGAGEMENTS: tuple[Engagement, ...] = get_args(Engagement)
_KINDS = ("tag", "countries", "attribute", "segment_id", *_ENGAGEMENTS, "engaged")
MOST_DAYS = 3650
MOST_CONDITIONS = 50
MOST_VALUES = 1000
Values = Annotated[list[str], msgspec.Meta(min_length=1, max_length=MOST_VALUES)]


class Condition(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, omit_defaults=True):
    """Exactly one of: a `tag`; `countries` (alpha-2) of the number; an `attribute`, with any of `values` or at all;
    being in a static segment; a campaign that the person `received` (as a delivery receipt says), `clicked` in (as
    people do), or `replied` to; `engaged`: they did so in any campaign.

    The last four may have a time window: `since` and `until`, or `within_days` before the segment is looked up. It is
    that of the delivery, of the first click in a campaign, or of a reply.
    """

    tag: str | None = None
    countries: Values | None = None
    attribute: str | None = None
    values: Values | None = None
    segment_id: UUID | None = None
    received: UUID | None = None
    clicked: UUID | None = None
    replied: UUID | None = None
    engaged: Engagement | None = None
    since: Zoned | None = None
    until: Zoned | None = None
    within_days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)] | None = None

    @property
    def kind(self) -> str:
        """The one field that is given, beside `values` and a window. Empty if there is none or more."""
        given = [name for name in _KINDS if getattr(self, name) is not None]
        return given[0] if len(given) == 1 and (self.values is None or given[0] == "attribute") else ""

    @property
    def engagement(self) -> Engagement | None:
        """What the person did, if that is what it asks for."""
        return self.engaged or next((name for name in _ENGAGEMENTS if self.kind == name), None)

    @property
    def campaign_id(self) -> UUID | None:
        """In which campaign they did; None where it may be any."""
        return self.received or self.clicked or self.replied


Conditions = Annotated[list[Condition], msgspec.Meta(max_length=MOST_CONDITIONS)]


class Filter(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, omit_defaults=True):
    """People for whom every condition of `all` holds, at least one of `any` if there are some, and none of `none`.

    So segments can be united (`any`), intersected (`all`) and taken from each other (`none`).
    """

    all: Conditions = []
    any: Conditions = []
    none: Conditions = []


def check(wanted: Filter) -> None:
    """Raises IllegalFieldError unless it says something, and every condition one thing."""
    if not (wanted.all or wanted.any):
        raise IllegalFieldError("filter", "has nothing in all and any", "say who is meant; none only takes people out")
    for name in ("all", "any", "none"):
        for position, condition in enumerate(getattr(wanted, name)):
            field = f"filter.{name}[{position}]"
            if not condition.kind:
                raise IllegalFieldError(field, "is not one condition", f"give one of {', '.join(_KINDS)}")
            _check_window(field, condition)


def _check_window(field: str, condition: Condition) -> None:
    since, until = condition.since, condition.until
    fixed = since is not None or until is not None
    if (fixed or condition.within_days is not None) and not condition.engagement:
        fix = f"give it beside one of {', '.join(_ENGAGEMENTS)}, engaged"
        raise IllegalFieldError(field, "has a time window, which means nothing here", fix)
    if fixed and condition.within_days is not None:
        raise IllegalFieldError(field, "has two time windows", "give since and until, or within_days")
    if since is not None and until is not None and since >= until:
        raise IllegalFieldError(f"{field}.until", "is not after since", "give a later time")
