"""Public holidays of countries, as the holidays library has them: those of the whole country, with the days that are
observed in their place. Holidays of a region are not among them: a number does not tell the region.
"""

from datetime import date
from functools import cache

from holidays import country_holidays


def is_known(country: str) -> bool:
    """Whether the holidays of the country (alpha-2) are known."""
    return _of_year(country, date.min.year) is not None


def is_holiday(country: str, day: date) -> bool:
    """False, too, where the country is not known."""
    return day in (_of_year(country, day.year) or ())


@cache
def _of_year(country: str, year: int) -> frozenset[date] | None:
    """None for a country that is not known."""
    try:
        return frozenset(country_holidays(country, years=year))
    except NotImplementedError:
        return None
