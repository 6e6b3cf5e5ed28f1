"""Which requests there are, who answers them, and who may send them: read from the API's own description.

What is not described cannot be reached. A path is compared as the service will see it (decoded), so that no spelling of
it can pass as one route here and be answered as another there.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

from gateway_api.domain.callers import group_of
from volley_chassis.http import Role

METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH")
JSON_LIMIT = 4 * 1024 * 1024
UPLOAD_LIMIT = 256 * 1024 * 1024
CALLBACK_LIMIT = 2 * 1024 * 1024
PUBLIC = "public"
ME = "/v1/me"
_PARAMETER = "{}"


class Route(msgspec.Struct, frozen=True):
    """`role` is the least that is needed, None where no key is. `limit` bounds the body in bytes.

    `secret` answers hold something that must not be kept. `query` are the parameters that it knows; None means any.
    `group` is the word by which the scopes of keys name it; None is open to every key. `user_field` is the one of the
    body that names a user of the account, by address.
    """

    method: str
    template: str
    service: str
    role: Role | None
    limit: int
    secret: bool = False
    query: frozenset[str] | None = None
    group: str | None = None
    user_field: str | None = None


class UnknownPathError(Exception):
    """No route has this path."""


class UnknownMethodError(Exception):
    """The path has routes, with other methods."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__(", ".join(allowed))
        self.allowed = allowed


class _Node:
    """One place in the tree of path segments."""

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.routes: dict[str, Route] = {}


class RouteTable:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self._root = _Node()
        self.routes = list(_routes(document))
        for route in self.routes:
            node = self._root
            for segment in route.template.split("/")[1:]:
                node = node.children.setdefault(_PARAMETER if segment.startswith("{") else segment, _Node())
            node.routes[route.method] = route

    def groups(self) -> set[str]:
        """What the scopes of keys may name."""
        return {route.group for route in self.routes if route.group and route.role}

    def match(self, method: str, raw_path: str) -> Route:
        """The route of a request; `raw_path` is still percent-encoded. Raises UnknownPathError, UnknownMethodError."""
        segments = [unquote(segment) for segment in raw_path.split("/")[1:]]
        if not all(map(_is_plain, segments)):
            raise UnknownPathError(raw_path)
        node = _find(self._root, segments)
        if node is None:
            raise UnknownPathError(raw_path)
        if method not in node.routes:
            raise UnknownMethodError(tuple(sorted(node.routes)))
        return node.routes[method]


def _is_plain(segment: str) -> bool:
    """A segment that names one thing: not empty, no dots, no slash in disguise."""
    return segment not in {"", ".", ".."} and "/" not in segment and "\\" not in segment and segment.isprintable()


def _find(node: _Node, segments: list[str]) -> _Node | None:
    """Literal segments come before parameters."""
    if not segments:
        return node if node.routes else None
    for child in (node.children.get(segments[0]), node.children.get(_PARAMETER)):
        if child and (found := _find(child, segments[1:])):
            return found
    return None


def _routes(document: Mapping[str, Any]) -> Iterator[Route]:
    for template, item in document["paths"].items():
        for method in METHODS:
            if operation := item.get(method.lower()):
                yield Route(
                    method=method,
                    template=template,
                    service=operation["x-volley-service"],
                    role=None if operation["x-volley-role"] == PUBLIC else operation["x-volley-role"],
                    limit=_limit(operation),
                    secret=operation.get("x-volley-secret", False),
                    query=_query(operation),
                    user_field=operation.get("x-volley-user-field"),
                    group=None if template == ME else group_of(operation.get("tags", ["Other"])[0]),
                )


def _limit(operation: Mapping[str, Any]) -> int:
    if operation["x-volley-role"] == PUBLIC:
        return CALLBACK_LIMIT
    content = operation.get("requestBody", {}).get("content", {})
    return JSON_LIMIT if set(content) == {"application/json"} else UPLOAD_LIMIT


def _query(operation: Mapping[str, Any]) -> frozenset[str] | None:
    """Providers put into the address of a callback what they like."""
    if operation["x-volley-role"] == PUBLIC:
        return None
    return frozenset(each["name"] for each in operation.get("parameters", ()) if each["in"] == "query")
