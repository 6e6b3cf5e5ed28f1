"""Where a short URL leads: for most campaigns the same for all, for some with values of each recipient in it."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import msgspec

from volley_contracts import Content, Recipients
from volley_sms import compile_template

_compiled = lru_cache(maxsize=1_000)(compile_template)


class TargetValues(msgspec.Struct, frozen=True):
    """What the placeholders of targets need of consecutive recipients: `fields` names the columns of `values`."""

    numbers: Sequence[str]
    fields: tuple[str, ...]
    values: Sequence[tuple[str, ...]]


def is_personal(target_url: str | None) -> bool:
    """Whether the target has placeholders."""
    return target_url is not None and "{{" in target_url


def targets_of(content: Content) -> list[str]:
    """Of all the short URLs of a message."""
    further = [link.target_url for link in content.links]
    return further if content.target_url is None else [content.target_url, *further]


def values_for(target_urls: Iterable[str], recipients: Recipients, offset: int, count: int) -> TargetValues:
    """Of `count` recipients from `offset` on: the columns that the targets use, and no others."""
    fields = {field for target_url in target_urls for field in _compiled(target_url).fields}
    used = [index for index, name in enumerate(recipients.fields) if name in fields]
    end = offset + count
    return TargetValues(
        numbers=recipients.numbers[offset:end],
        fields=tuple(recipients.fields[index] for index in used),
        values=[tuple(row[index] for index in used) for row in recipients.values[offset:end]],
    )


def filled(target_url: str, values: Mapping[str, str]) -> str:
    """The target for one recipient."""
    return _compiled(target_url).render_url(values)
