"""Conditions that make a dynamic segment: who is in it follows from what is known of people, not from a list."""

from typing import Annotated
from uuid import UUID

import msgspec

from campaign_svc.domain.contacts import IllegalFieldError

MOST_CONDITIONS = 50
MOST_VALUES = 1000
Values = Annotated[list[str], msgspec.Meta(min_length=1, max_length=MOST_VALUES)]


class Condition(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, omit_defaults=True):
    """Exactly one of: a `tag`; `countries` (alpha-2) of the number; an `attribute`, with any of `values` or at all;
    being in a static segment; a campaign that the person `received`, `clicked` in (as people do), or `replied` to.
    """

    tag: str | None = None
    countries: Values | None = None
    attribute: str | None = None
    values: Values | None = None
    segment_id: UUID | None = None
    received: UUID | None = None
    clicked: UUID | None = None
    replied: UUID | None = None

    @property
    def kind(self) -> str:
        """The one field that is given, beside `values`. Empty if there is none or more."""
        given = [name for name in self.__struct_fields__ if name != "values" and getattr(self, name) is not None]
        return given[0] if len(given) == 1 and (self.values is None or given[0] == "attribute") else ""


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
            if not condition.kind:
                fix = "give one of tag, countries, attribute, segment_id, received, clicked, replied"
                raise IllegalFieldError(f"filter.{name}[{position}]", "is not one condition", fix)
