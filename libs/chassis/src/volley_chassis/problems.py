"""Errors of the HTTP API as RFC 9457 problem details: every one names what is wrong and how to mend it."""

import re
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

log = structlog.get_logger()


class FieldError(msgspec.Struct, frozen=True):
    """One illegal field: its path (`variants[1].text`), what is wrong with it, and the fix."""

    field: str
    message: str
    fix: str | None = None


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """An answer that says what went wrong. `code` is stable and machine-readable; extra members go into the body."""

    def __init__(
        self, status: int, code: str, detail: str, *, errors: list[FieldError] | None = None, **extra: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors or []
        self.extra = extra


def invalid(*errors: FieldError) -> Problem:
    """422 with the fields that are illegal."""
    detail = "; ".join(f"{error.field}: {error.message}" for error in errors)
    return Problem(422, "invalid", detail, errors=list(errors))


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
    return Response(msgspec.json.encode(body), status_code=problem.status, media_type="application/problem+json")


def _on_problem(_request: Request[Any, Any, Any], error: Problem) -> Response[bytes]:
    return render(error)


def _on_validation(_request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    """Litestar's and msgspec's complaints about a body, a path or a query, as field errors."""
    extra: Any = error.extra
    items = [item for item in extra if isinstance(item, dict)] if isinstance(extra, list) else []
    errors = [_field_error(str(item.get("key") or "data"), str(item.get("message", ""))) for item in items]
    return render(invalid(*(errors or [FieldError("body", str(error.detail))])))


_NAMED = re.compile(r"^Object (?:contains unknown|missing required) field `(?P<field>[^`]*)`$")


def _field_error(key: str, message: str) -> FieldError:
    """Msgspec names a field that is unknown or missing only in its sentence; `data` is Litestar's word for the body."""
    path = "" if key == "data" else key.removeprefix("data.")
    if named := _NAMED.match(message):
        field = ".".join(filter(None, [path, named["field"]]))
        if "unknown" in message:
            return FieldError(field, "there is no such field", "Remove it, or check its spelling.")
        return FieldError(field, "is required", "Add it.")
    return FieldError(path or "body", message)


def _on_http(_request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    code = {
        401: "unauthorized",
        403: "forbidden",
        404: "not_found",
        405: "method_not_allowed",
        413: "too_large",
    }
    return render(Problem(error.status_code, code.get(error.status_code, "http_error"), str(error.detail)))


def _on_bug(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    log.error("request failed", path=request.url.path, exc_info=error)
    return render(Problem(500, "internal", "Something went wrong here; it was logged. Try again later."))


HANDLERS: ExceptionHandlersMap = {
    Problem: _on_problem,
    ValidationException: _on_validation,
    HTTPException: _on_http,
    Exception: _on_bug,
}
