"""The rate card, and what the account can reach: /v1/rate-card, /internal/coverage."""

from datetime import datetime
from decimal import Decimal, InvalidOperation

from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from dispatch_svc.api.codes import CURRENCIES, wrong_countries
from dispatch_svc.api.schemas import Coverage, NewRateCard, RateCard, amounts
from dispatch_svc.domain import cost
from dispatch_svc.domain.routes import coverage
from dispatch_svc.domain.vault import Vault
from dispatch_svc.handlers.put_rate_card import put_rate_card, tag
from dispatch_svc.store import rate_cards, routes
from volley_chassis.database import Pool
from volley_chassis.etags import IfMatch, Tagged
from volley_chassis.http import Caller
from volley_chassis.problems import FieldError, Problem, invalid

MOST = Decimal(1_000_000)
DECIMALS = 12


@put("/v1/rate-card", tags=["Rate card"], opt={"role": "admin"})
async def put_card(
    data: JSONBody[NewRateCard],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    if_match: IfMatch = None,
) -> Tagged[RateCard]:
    """Set the rate card.

    It replaces all prices. Messages that are handed over from now on cost what it says. A country without a
    price cannot be sent to. While campaigns are under way the currency stays (409 `currency_in_use`), not the prices.
    """
    card = _checked(data)
    return _shown(card, await put_rate_card(pool, caller.account_id, card, if_match))


@get("/v1/rate-card", summary="Show the rate card", tags=["Rate card"], opt={"role": "viewer"})
async def show_card(caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> Tagged[RateCard]:
    """Prices of one part by country."""
    async with pool.acquire() as connection:
        found = await rate_cards.find_dated(connection, caller.account_id)
    if found is None:
        raise _no_rate_card()
    return _shown(*found)


@get("/internal/coverage", include_in_schema=False, opt={"role": "viewer"})
async def show_coverage(
    caller: NamedDependency[Caller], pool: NamedDependency[Pool], vault: NamedDependency[Vault]
) -> Coverage:
    """Where the account can send to, by its prices and its active routes."""
    async with pool.acquire() as connection:
        card = await rate_cards.find(connection, caller.account_id)
        found = await routes.of_account(connection, vault, caller.account_id)
    active = [route for route in found if route.status == "active"]
    if card is None:
        raise _no_rate_card()
    if not active:
        raise Problem(404, "no_route", "The account has no active route: add one with POST /v1/routes.")
    reached = coverage(active)
    routable = None if reached is None else sorted(reached)
    return Coverage(currency=card.currency, prices=amounts(card.prices), routable=routable)


def _shown(card: cost.RateCard, updated_at: datetime) -> Tagged[RateCard]:
    shown = RateCard(currency=card.currency, prices=amounts(card.prices), updated_at=updated_at)
    return Tagged(shown, tag(card))


def _checked(data: NewRateCard) -> cost.RateCard:
    errors = wrong_countries("prices", data.prices)
    if data.currency not in CURRENCIES:
        errors.append(FieldError("currency", "is no currency", "Use an ISO 4217 code in capitals, like EUR."))
    prices = {country: _price(text) for country, text in data.prices.items()}
    fix = f"Give a decimal string like 0.0079, from 0 to {MOST:f}, with at most {DECIMALS} decimals."
    errors += [
        FieldError(f"prices.{country}", "is no price", fix) for country, price in prices.items() if price is None
    ]
    if errors:
        raise invalid(*errors)
    return cost.RateCard(data.currency, {country: price for country, price in prices.items() if price is not None})


def _price(text: str) -> Decimal | None:
    plain = text.isascii() and text.replace(".", "", 1).isdigit() and len(text) <= 40
    try:
        price = Decimal(text) if plain else None
    except InvalidOperation:
        return None
    if price is None or price > MOST or len(text.partition(".")[2]) > DECIMALS:
        return None
    return price


def _no_rate_card() -> Problem:
    return Problem(404, "no_rate_card", "The account has no rate card: set one with PUT /v1/rate-card.")


ROUTES = [put_card, show_card, show_coverage]
