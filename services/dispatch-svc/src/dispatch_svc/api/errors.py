"""Turns what the domain and the store raise into problems."""

from typing import Any

from litestar import Request, Response
from litestar.types import ExceptionHandlersMap

from dispatch_svc.domain.cost import CurrencyInUseError
from dispatch_svc.domain.keywords import NoWordError
from dispatch_svc.domain.routes import CONFIGS, IllegalConfigError
from dispatch_svc.store.routes import LoginTakenError, NameTakenError
from volley_chassis import problems
from volley_chassis.complaints import complaint
from volley_chassis.problems import FieldError, Problem


def _illegal_config(_request: Request[Any, Any, Any], error: IllegalConfigError) -> Response[bytes]:
    field, message, fix = error.field, error.message, error.fix
    if fix is None:
        _, message, fix = complaint(field, message, {"config": CONFIGS["smpp"] | CONFIGS["http"] | CONFIGS["twilio"]})
    return problems.render(problems.invalid(FieldError(field, message, fix)))


def _name_taken(_request: Request[Any, Any, Any], error: NameTakenError) -> Response[bytes]:
    detail = f"Another route of the account is called {error}; choose another name."
    return problems.render(Problem(409, "name_taken", detail))


def _login_taken(_request: Request[Any, Any, Any], _error: LoginTakenError) -> Response[bytes]:
    detail = (
        "Another route binds with this system_id at this host and port. An SMSC sends receipts and replies to any "
        "session of a login, so one login serves one route: set `sessions` of that route to bind more than once."
    )
    errors = [FieldError("config.system_id", "is used by another route", "Use another login, or that route.")]
    return problems.render(Problem(409, "login_taken", detail, errors=errors))


def _no_word(_request: Request[Any, Any, Any], error: NoWordError) -> Response[bytes]:
    return problems.render(problems.invalid(FieldError(f"own[{error.number}].word", error.message, error.fix)))


def _currency_in_use(_request: Request[Any, Any, Any], error: CurrencyInUseError) -> Response[bytes]:
    detail = f"The rate card stays in {error.currency} while campaigns are under way: they cost in it."
    fix = f"Keep {error.currency}, or wait until these campaigns have finished, or abort them: see `campaigns`."
    errors = [FieldError("currency", f"is {error.currency} for campaigns that are under way", fix)]
    names = [str(campaign_id) for campaign_id in error.campaigns]
    return problems.render(Problem(409, "currency_in_use", detail, errors=errors, campaigns=names))


HANDLERS: ExceptionHandlersMap = {
    IllegalConfigError: _illegal_config,
    NameTakenError: _name_taken,
    LoginTakenError: _login_taken,
    NoWordError: _no_word,
    CurrencyInUseError: _currency_in_use,
}
