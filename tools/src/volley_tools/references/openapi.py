"""The gateway's OpenAPI document: the services' own ones joined, each operation with its service and least role."""

import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec
from litestar import Litestar
from litestar.di import Dependency
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from volley_chassis.etags import Tagged
from volley_chassis.http import create_app
from volley_chassis.settings import ServiceSettings
from volley_tools.references.descriptions import DESCRIPTION, TAGS
from volley_tools.references.structs import prose

SERVICES = ("campaign-svc", "dispatch-svc", "link-svc", "stats-svc", "gateway-api")
PUBLISHED = ("/v1/", "/callbacks/")
PUBLIC = "public"
METHODS = ("get", "put", "post", "delete", "patch")
_REFERENCE = "#/components/schemas/"

Json = dict[str, Any]


def document() -> tuple[Json, list[str]]:
    """The document, and for each service that is not in it, why."""
    paths: Json = {}
    schemas: Json = {"Problem": PROBLEM, "FieldError": FIELD_ERROR}
    missing = []
    for service in SERVICES:
        try:
            described = _described(service)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are described all the same
            missing.append(f"{service}: {error!r}")
            continue
        described = _renamed(described, schemas, service)
        schemas |= _schemas(described)
        for path, item in described["paths"].items():
            paths.setdefault(path, {}).update(item)
    return _joined(paths, _reachable(paths, schemas)), missing


def _joined(paths: Json, schemas: Json) -> Json:
    used = {tag for item in paths.values() for operation in item.values() for tag in operation["tags"]}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Volley",
            "version": "1",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"apiKey": []}],
        "tags": [{"name": tag, "description": TAGS[tag]} if tag in TAGS else {"name": tag} for tag in sorted(used)],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {
                "apiKey": {"type": "http", "scheme": "bearer", "description": "An API key (`vk_`) or session (`vs_`)."}
            },
            "schemas": dict(sorted(schemas.items())),
        },
    }


def _described(service: str) -> Json:
    """The document of one service, its published operations complete."""
    routes = importlib.import_module(f"{service.replace('-', '_')}.api").ROUTES
    settings = ServiceSettings(database_url="", kafka="", internal_token="")
    app = create_app(
        settings, title=service, routes=routes, dependencies=dict.fromkeys(dependencies_of(routes) - {"caller"})
    )
    whole: Json = app.openapi_schema.to_schema()
    _describe(_schemas(whole), service)
    whole["paths"] = {path: item for path, item in whole["paths"].items() if path.startswith(PUBLISHED)}
    for path, method, handler in _operations(app):
        if operation := whole["paths"].get(path, {}).get(method):
            _complete(operation, path, method, service, handler)
    return whole


def dependencies_of(routes: Sequence[Any]) -> set[str]:
    """The names that the handlers take by `NamedDependency`."""
    return {
        name
        for route in routes
        for name, hint in get_type_hints(route.fn, include_extras=True).items()
        if get_origin(hint) is Annotated and any(isinstance(each, Dependency) for each in get_args(hint)[1:])
    }


def _operations(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                yield route.path_format, method.lower(), handler


def _complete(operation: Json, path: str, method: str, service: str, handler: HTTPRouteHandler) -> None:
    """Role, service, summary, refusals: what Litestar cannot know."""
    role = handler.opt.get("role")
    if role is None:
        raise ValueError(f"{method.upper()} {path} names no role")
    operation["x-volley-service"] = service
    operation["x-volley-role"] = role
    told = {"x-volley-secret": handler.opt.get("secret"), "x-volley-user-field": handler.opt.get("user_field")}
    operation.update({name: value for name, value in told.items() if value})
    if role == PUBLIC:
        operation["security"] = []
    operation["operationId"] = operation_id(method, path)
    operation["tags"] = [tag[:1].upper() + tag[1:] for tag in operation.get("tags", ["Other"])]
    for described in (operation, *operation.get("parameters", [])):
        for name in ("deprecated", "allowEmptyValue", "allowReserved"):
            described.pop(name, None)
    _summarise(operation, handler)
    if method == "post" and role != PUBLIC and not handler.opt.get("keyless"):
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    guarded = any(parameter["name"] == "If-Match" for parameter in operation.get("parameters", []))
    operation["responses"] = _responses(operation["responses"], path, method, role, guarded=guarded)
    if get_origin(handler.parsed_fn_signature.return_type.annotation) is Tagged:
        for status, answer in operation["responses"].items():
            if status < "300":
                answer["headers"] = {"ETag": ETAG}


def _summarise(operation: Json, handler: HTTPRouteHandler) -> None:
    """The docstring's first sentence is the summary, the rest of it the description."""
    if handler.summary:
        operation["summary"] = handler.summary
        return
    text = re.sub(r"[ \t]+", " ", (handler.fn.__doc__ or handler.fn.__name__).strip())
    first, _, rest = text.partition("\n\n")
    sentence, _, more = " ".join(first.split()).partition(". ")
    operation["summary"] = sentence.removesuffix(".")
    paragraphs = [more, *(" ".join(paragraph.split()) for paragraph in rest.split("\n\n"))]
    description = "\n\n".join(filter(None, paragraphs))
    operation.pop("description", None)
    if description:
        operation["description"] = description


def _responses(own: Json, path: str, method: str, role: str, *, guarded: bool) -> Json:
    """The service's own answers, and the refusals that the gateway or any service may give."""
    refusals = {"422"} | ({"401", "403", "429"} if role != PUBLIC else {"413"})
    refusals |= {"404"} if "{" in path else set()
    refusals |= {"409"} if method != "get" else set()
    refusals |= {"412"} if guarded else set()
    kept = {status: answer for status, answer in own.items() if status < "400" or not _is_generated(answer)}
    added = {status: _problem(REFUSALS[status]) for status in refusals if status not in kept}
    return dict(sorted((kept | added).items())) | {"default": _problem(REFUSALS["default"])}


def _is_generated(answer: Json) -> bool:
    """Litestar's own description of errors, which are problems here."""
    return (
        "ValidationException" in str(answer) or "Additional information" in str(answer) or "status_code" in str(answer)
    )


def _problem(description: str) -> Json:
    schema = {"$ref": f"{_REFERENCE}Problem"}
    return {"description": description, "content": {"application/problem+json": {"schema": schema}}}


def _renamed(described: Json, taken: Mapping[str, Any], service: str) -> Json:
    """Schemas whose names mean something else in another service get their service's name in front."""
    word = service.split("-", maxsplit=1)[0].capitalize()
    plain = _renamed_to(described, {name: _plain(name) for name in _schemas(described)})
    clashing = [name for name, schema in _schemas(plain).items() if taken.get(name, schema) != schema]
    return _renamed_to(plain, {name: f"{word}{name}" for name in clashing})


def _describe(schemas: Json, service: str) -> None:
    """The docstrings of the structs, which Litestar leaves out: they give units and meanings."""
    package = service.replace("-", "_")
    waiting = [msgspec.Struct]
    while waiting:
        struct = waiting.pop()
        waiting += struct.__subclasses__()
        schema = schemas.get(struct.__name__)
        if schema is not None and struct.__module__.startswith(package) and struct.__doc__:
            schema.setdefault("description", prose(struct.__doc__))


def _schemas(described: Json) -> Json:
    schemas: Json = described.get("components", {}).get("schemas", {})
    return schemas


def _plain(name: str) -> str:
    """Litestar's `Page_x_svc.api.schemas.Thing_` as `PageOfThing`."""
    return re.sub(r"^(\w+?)_[\w.]*\.(\w+?)_$", r"\1Of\2", name)


def _renamed_to(described: Json, names: Mapping[str, str]) -> Json:
    assert len(set(names.values())) == len(names), f"two schemas of one name: {sorted(names.values())}"
    renamed: Json = _with_names(described, names)
    if names:
        schemas = renamed["components"]["schemas"]
        renamed["components"]["schemas"] = {names.get(name, name): schema for name, schema in schemas.items()}
    return renamed


def _with_names(node: Any, names: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {
            key: _REFERENCE + names.get(value.removeprefix(_REFERENCE), value.removeprefix(_REFERENCE))
            if key == "$ref" and isinstance(value, str) and value.startswith(_REFERENCE)
            else _with_names(value, names)
            for key, value in node.items()
        }
    return [_with_names(each, names) for each in node] if isinstance(node, list) else node


def _reachable(paths: Json, schemas: Json) -> Json:
    """The schemas that the operations use, directly or by way of others."""
    found: set[str] = {"Problem"}
    waiting: list[Any] = [paths, schemas["Problem"]]
    while waiting:
        for name in set(_references(waiting.pop())) - found:
            found.add(name)
            waiting.append(schemas[name])
    return {name: schemas[name] for name in found}


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value.removeprefix(_REFERENCE)
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for each in node:
            yield from _references(each)


def operation_id(method: str, path: str) -> str:
    """A name that is unique and stays when the code is renamed: `patchCampaign`, `postCampaignAbort`."""
    segments = [segment for segment in path.split("/")[1:] if segment != "v1"]
    words = [method]
    for segment, after in zip(segments, [*segments[1:], ""], strict=True):
        if not segment.startswith("{"):
            words += (segment.removesuffix("s") if after.startswith("{") else segment).split("-")
    return words[0] + "".join(word.capitalize() for word in words[1:])


PROBLEM: Json = {
    "title": "Problem",
    "type": "object",
    "description": "RFC 9457 problem details: what went wrong, and how to mend it. Some problems have further members.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "description": "`urn:volley:problem:` and the code."},
        "title": {"type": "string", "description": "The code in words."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "code": {"type": "string", "description": "Machine-readable and stable."},
        "detail": {"type": "string", "description": "A sentence for people."},
        "errors": {"type": "array", "items": {"$ref": f"{_REFERENCE}FieldError"}, "description": "Illegal fields."},
    },
}
FIELD_ERROR: Json = {
    "title": "FieldError",
    "type": "object",
    "description": "One illegal field.",
    "required": ["field", "message"],
    "properties": {
        "field": {"type": "string", "description": "Its path: `variants[1].text`."},
        "message": {"type": "string", "description": "What is wrong with it."},
        "fix": {"type": ["string", "null"], "description": "How to mend it."},
    },
}
IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The request is carried out once, however often it is sent with this key within 24 h.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
ETAG: Json = {
    "description": "Names the state of what an edit may change; an edit takes it in If-Match.",
    "schema": {"type": "string"},
}
REFUSALS = {
    "401": "The API key or session is missing, unknown, revoked or expired.",
    "403": "The caller's role does not suffice, or the API key's scopes leave this out.",
    "404": "There is no such thing in this account.",
    "409": "It does not go with the current state; the problem says what would.",
    "412": "It was changed meanwhile: the ETag in If-Match is not the current one, which `current` names.",
    "413": "The body is too large.",
    "422": "Something in the request is illegal; `errors` names the fields and the fixes.",
    "429": "Too many requests; Retry-After says when to try again.",
    "default": "Anything else that can go wrong: 404, 405, 413, 500, 502, 503 (with Retry-After), 504.",
}
