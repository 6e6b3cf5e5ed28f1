"""As many contacts as a benchmark wants. Their numbers may be somebody's: nothing here ever leaves the machine."""

import csv
import io

from volley_tools.demo.people import US_AREAS

FIRST_NAMES = ("Mia", "Jack", "Zoe", "Ahmed", "Linnea", "Olena", "Paul", "Sarah")


def csv_file(count: int, first: int = 0) -> bytes:
    """`count` (of at most 64,000,000) contacts with US numbers, from the `first` on: number, first_name, city."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("number", "first_name", "city"))
    writer.writerows((number(i), FIRST_NAMES[i % 8], "Springfield") for i in range(first, first + count))
    return text.getvalue().encode()


def number(index: int) -> str:
    """An E.164 number of the US numbering plan; each index has its own."""
    block, line = divmod(index, 10_000)
    area, exchange = divmod(block, 80)
    return f"+1{US_AREAS[area]}{220 + exchange}{line:04}"
