"""The domain's exceptions as problem details. A handler stands here for each exception that a route may let through."""

from litestar.types import ExceptionHandlersMap

HANDLERS: ExceptionHandlersMap = {}
