"""Makes contacts who do not exist: numbers in ranges that the regulators keep for fiction, names of many alphabets.

Sources of the ranges: NANP 555-0100..0199 in every area code; ACMA (AU) 5550 xxxx; ARCEP (FR) 01 99 00 xx xx;
Ofcom (GB) 020 7946 0xxx; PTS (SE) 070-174 06 05..99.
"""

import csv
import io
import random
from collections.abc import Iterator
from itertools import chain, islice

HEADER = ("number", "first_name", "last_name", "city", "tier")

US_AREAS = """
    201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 234 239 240 248
    251 252 253 254 256 260 262 267 269 270 276 281 301 302 303 304 305 307 308 309 310 312 313 314 315 316
    317 318 319 320 321 323 325 330 334 336 337 339 347 351 352 360 361 385 386 401 402 404 405 406 407 408
    409 410 412 413 414 415 417 419 423 424 425 432 434 435 440 443 469 478 479 480 484 501 502 503 504 505
    507 508 509 510 512 513 515 516 517 518 520
""".split()  # noqa: SIM905 - a list would be a number a line
CA_AREAS = """
    204 226 236 250 289 306 343 403 416 418 431 437 438 450 506 514 519 579 581 587 604 613
""".split()  # noqa: SIM905 - a list would be a number a line
PEOPLE = {
    "US": (("Aaliyah", "José", "Mia", "O'Brien", "Zoë"), ("New York", "San José", "Cañon City", "St. Louis")),
    "CA": (("Chloé", "Noël", "Émile", "Siobhán", "Ahmed"), ("Montréal", "Québec", "Trois-Rivières", "Toronto")),
    "FR": (("Anaïs", "François", "Hélène", "Loïc", "Zoé"), ("Besançon", "Nîmes", "Orléans", "Saint-Étienne")),
    "AU": (("Γεωργία", "Minh Đức", "Олена", "美玲", "Jack"), ("Sydney", "Wollongong", "Κάλυμνος", "Перт")),
    "GB": (("Seán", "Zainab", "عمر", "Łukasz", "Amélie"), ("London", "Camden", "Ealing", "Hackney")),
    "SE": (("Åsa", "Björn", "Jürgen", "Søren", "Linnéa"), ("Malmö", "Göteborg", "Örebro", "Västerås")),
}
BROKEN = (
    ("not a number", "Nobody", "", "", ""),
    ("", "Without", "Number", "Nowhere", ""),
    ("+1202555", "Too", "Short", "", ""),
    ("+99912345678", "No", "Country", "", ""),
    ("+12025550100000000", "Too", "Long", "", ""),
)


def numbers() -> dict[str, Iterator[str]]:
    """Fictional E.164 numbers by country, each once."""
    return {
        "US": (f"+1{area}55501{line:02}" for area in US_AREAS for line in range(100)),
        "CA": (f"+1{area}55501{line:02}" for area in CA_AREAS for line in range(100)),
        "FR": (f"+3319900{line:04}" for line in range(10_000)),
        "AU": (f"+612555{line:05}" for line in range(10_000)),
        "GB": (f"+442079460{line:03}" for line in range(1_000)),
        "SE": (f"+467017406{line:02}" for line in range(5, 100)),
    }


def contacts(count: int) -> Iterator[tuple[str, ...]]:
    """`count` rows as HEADER names them (at most 29,000), countries mixed, the same ones every time."""
    chance = random.Random(count)  # noqa: S311 - a story that repeats, not a secret
    shares = {"US": 0.45, "CA": 0.1, "FR": 0.25, "AU": 0.15, "GB": 0.04}
    by_country = {
        country: list(islice(source, int(count * shares.get(country, 0)))) for country, source in numbers().items()
    }
    rest = chain.from_iterable(islice(numbers()[c], len(by_country[c]), None) for c in ("SE", "FR", "US"))
    by_country["SE"] = list(islice(rest, count - sum(map(len, by_country.values()))))
    rows = [_person(country, number, chance) for country, found in by_country.items() for number in found]
    chance.shuffle(rows)
    yield from rows


def csv_file(count: int, *, broken: int = 0) -> bytes:
    """A UTF-8 CSV file of `count` contacts with `broken` illegal rows strewn in."""
    rows = list(contacts(count))
    step = max(1, count // (broken + 1))
    for index in range(broken):
        rows.insert((index + 1) * step, BROKEN[index % len(BROKEN)])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(rows)
    return text.getvalue().encode()


def _person(country: str, number: str, chance: random.Random) -> tuple[str, ...]:
    names, cities = PEOPLE[country]
    first = chance.choice(names) if chance.random() > 0.05 else ""  # some have told no name
    return number, first, "Example", chance.choice(cities), chance.choice(("gold", "silver", "basic"))
