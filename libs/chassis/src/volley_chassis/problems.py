"""Errors of the HTTP API as RFC 9457 problem details: every one names what is wrong and how to mend it."""

import unicodedata
from datetime import UTC, datetime
from typing import Any

import asyncpg
import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, NotFoundException, ValidationException
from litestar.types import ExceptionHandlersMap

from volley_chassis.complaints import complaint
from volley_chassis.etags import StaleError

log = structlog.get_logger()
_SEE = "See what it takes in the API reference, /docs."


class FieldError(msgspec.Struct, frozen=True):
    """One illegal field: its path (`variants[1].text`), what is wrong with it, and the fix."""

    field: str
    message: str
    fix: str | None = None


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """An answer that says what went wrong. `code` is stable and machine-readable; extra members go into the body."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: list[FieldError] | None = None,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors or []
        self.headers = headers
        self.extra = extra


def invalid(*errors: FieldError) -> Problem:
    """422 with the fields that are illegal."""
    detail = "; ".join(f"{error.field}: {error.message}" for error in errors)
    return Problem(422, "invalid", detail, errors=list(errors))


def check_name(field: str, text: str) -> None:
    """Refuse (422) a name that nobody could read in a list: blanks alone, or control characters."""
    if not text.strip():
        raise invalid(FieldError(field, "is blank", "Give it letters, digits or symbols."))
    for position, char in enumerate(text):
        if unicodedata.category(char) in {"Cc", "Cs"}:
            message = f"contains a control character (U+{ord(char):04X}) at character {position + 1}"
            raise invalid(FieldError(field, message, "Take it out."))


def in_utc(field: str, at: datetime | None) -> datetime | None:
    """The time in UTC; refuses (422) one without a zone, or that has no year there."""
    if at is None:
        return None
    if at.tzinfo is None:
        raise invalid(FieldError(field, "has no time zone", "Write it like 2031-05-01T09:00:00Z."))
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise invalid(FieldError(field, "is out of range", "Give a year from 2 to 9998.")) from error


def not_found(what: str) -> Problem:
    return Problem(404, "not_found", f"There is no such {what}.")


def render(problem: Problem) -> Response[bytes]:
    body = {
        "type": f"urn:volley:problem:{problem.code}",
        "title": problem.code.replace("_", " "),
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        **({"errors": problem.errors} if problem.errors else {}),
        **problem.extra,
    }
    return Response(
        msgspec.json.encode(body),
        status_code=problem.status,
        media_type="application/problem+json",
        headers=problem.headers,
    )


def _on_problem(_request: Request[Any, Any, Any], error: Problem) -> Response[bytes]:
    return render(error)


def _on_stale(_request: Request[Any, Any, Any], error: StaleError) -> Response[bytes]:
    detail = f"{error} Read it again, then repeat the change with the new ETag."
    return render(Problem(412, "stale", detail, current=f'"{error.current}"'))


def _on_validation(request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    """Litestar's and msgspec's complaints about a body, a path or a query, as field errors."""
    extra: Any = error.extra
    items = [item for item in extra if isinstance(item, dict)] if isinstance(extra, list) else []
    parameters = request.route_handler.parsed_fn_signature.parameters
    types = {name: parameter.annotation for name, parameter in parameters.items()}
    errors = []
    for item in items:
        field, message, fix = complaint(str(item.get("key") or "data"), str(item.get("message", "")), types)
        errors.append(FieldError(_public_name(field, parameters), message, fix))
    return render(invalid(*(errors or [FieldError("body", str(error.detail), _SEE)])))


def _public_name(field: str, parameters: dict[str, Any]) -> str:
    """A query's or header's name as callers write it."""
    definition = parameters[field].kwarg_definition if field in parameters else None
    return getattr(definition, "name", None) or field


def _on_nowhere(_request: Request[Any, Any, Any], _error: NotFoundException) -> Response[bytes]:
    detail = "There is nothing at this path. An id in a path is a UUID, as the API answered it."
    return render(Problem(404, "not_found", detail))


def _on_nul(request: Request[Any, Any, Any], error: asyncpg.PostgresError) -> Response[bytes]:
    """Text that the database cannot hold; only handlers that take any text let it come so far."""
    log.info("refused text that cannot be kept", path=request.url.path, error=str(error))
    named = [name for name, value in request.query_params.multi_items() if "\0" in value]
    fields = dict.fromkeys(named or ["body"])
    return render(invalid(*(FieldError(name, "contains a NUL character", "Take it out.") for name in fields)))


def _on_http(_request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    code = {
        400: "bad_request",
        401: "unauthorized",
        403: "forbidden",
        404: "not_found",
        405: "method_not_allowed",
        413: "too_large",
    }
    named = code.get(error.status_code, "http_error")
    errors = [FieldError("body", str(error.detail), _SEE)] if error.status_code == 400 else []
    return render(Problem(error.status_code, named, str(error.detail), errors=errors))


def _on_bug(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    log.error("request failed", path=request.url.path, exc_info=error)
    return render(Problem(500, "internal", "Something went wrong here; it was logged. Try again later."))


HANDLERS: ExceptionHandlersMap = {
    Problem: _on_problem,
    StaleError: _on_stale,
    ValidationException: _on_validation,
    NotFoundException: _on_nowhere,
    asyncpg.CharacterNotInRepertoireError: _on_nul,
    asyncpg.UntranslatableCharacterError: _on_nul,
    HTTPException: _on_http,
    Exception: _on_bug,
}
