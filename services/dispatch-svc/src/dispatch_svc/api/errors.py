"""Turns what the domain and the store raise into problems."""

from typing import Any

from litestar import Request, Response
from litestar.types import ExceptionHandlersMap

from dispatch_svc.domain.routes import IllegalConfigError
from dispatch_svc.store.routes import NameTakenError
from volley_chassis import problems
from volley_chassis.problems import FieldError, Problem


def _illegal_config(_request: Request[Any, Any, Any], error: IllegalConfigError) -> Response[bytes]:
    return problems.render(problems.invalid(FieldError(error.field, error.message, error.fix)))


def _name_taken(_request: Request[Any, Any, Any], error: NameTakenError) -> Response[bytes]:
    detail = f"Another route of the account is called {error}; choose another name."
    return problems.render(Problem(409, "name_taken", detail))


HANDLERS: ExceptionHandlersMap = {IllegalConfigError: _illegal_config, NameTakenError: _name_taken}
