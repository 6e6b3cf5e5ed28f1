"""Public holidays of countries, as the holidays library has them: those of the whole country, with the days that are
observed in their place. Holidays of a region are not among them: a number does not tell the region.
"""

import warnings
from datetime import date
from functools import cache

from holidays import country_holidays


def are_known(country: str, year: int) -> bool:
    """Whether any holidays of the country (alpha-2) are known in that year."""
    return bool(_of_year(country, year))


def is_holiday(country: str, day: date) -> bool:
    """False, too, where they are not known."""
    return day in _of_year(country, day.year)


@cache
def _of_year(country: str, year: int) -> frozenset[date]:
    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # of years that it knows nothing of
            return frozenset(country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()
