"""Hooks of Schemathesis: what it makes up, made harmless."""

from typing import Any

import schemathesis


@schemathesis.hook
def map_body(context: schemathesis.HookContext, body: Any) -> Any:
    """A route that is not disabled would be connected, to an address that nobody knows."""
    if isinstance(body, dict) and context.operation.path.startswith("/v1/routes"):
        return {**body, "status": "disabled"}
    return body
