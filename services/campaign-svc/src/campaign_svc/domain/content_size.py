"""What texts weigh once they are personalised: parts on the typical and the worst recipient, what forces UCS-2, and the
money that replacing it saves.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from campaign_svc.domain.forecast import CENT_OF_A_CENT
from volley_sms import Cause, ucs2_causes


class Weighed(msgspec.Struct, frozen=True):
    """One rendered message. `simplified_parts` are those it has once everything that can be replaced is."""

    country: str
    text: str
    units: int
    encoding: str
    parts: int
    simplified_parts: int


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A character, or several that are one, that forces UCS-2. `messages` is in how many of the sample it is;
    `in_text` whether the text itself has it, else contacts bring it in.
    """

    text: str
    replacement: str | None
    in_text: bool
    messages: int


class Money(msgspec.Struct, frozen=True, kw_only=True):
    """What the variant's share of the audience costs as it is, and with every replacement."""

    cost: Decimal
    simplified_cost: Decimal
    saving: Decimal


def heaviest(messages: Sequence[Weighed]) -> int:
    """The index of the worst message."""
    return max(range(len(messages)), key=lambda i: (messages[i].parts, messages[i].units))


def typical(messages: Sequence[Weighed]) -> int:
    """The index of the message in the middle."""
    order = sorted(range(len(messages)), key=lambda i: (messages[i].parts, messages[i].units))
    return order[len(order) // 2]


def causes(text: str, messages: Sequence[Weighed]) -> list[Found]:
    """What forces UCS-2, the most frequent first."""
    own = {cause.text for cause in ucs2_causes(text)}
    replacements: dict[str, Cause] = {}
    counts: Counter[str] = Counter()
    for message in messages:
        found = {cause.text: cause for cause in ucs2_causes(message.text)} if message.encoding == "ucs2" else {}
        counts.update(found.keys())
        replacements |= found
    return [
        Found(text=each, replacement=replacements[each].replacement, in_text=each in own, messages=count)
        for each, count in counts.most_common()
    ]


def money(messages: Sequence[Weighed], prices: Mapping[str, Decimal], recipients: Decimal) -> Money:
    """For so many recipients like these. Where a country has no price nobody is texted."""
    priced = [message for message in messages if message.country in prices]
    share = recipients / len(messages)
    cost = sum((prices[m.country] * m.parts for m in priced), Decimal(0)) * share
    simplified = sum((prices[m.country] * m.simplified_parts for m in priced), Decimal(0)) * share
    cost, simplified = cost.quantize(CENT_OF_A_CENT), simplified.quantize(CENT_OF_A_CENT)
    return Money(cost=cost, simplified_cost=simplified, saving=cost - simplified)
