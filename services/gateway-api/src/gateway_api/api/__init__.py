"""The HTTP API of gateway-api itself; the door (`api.door`) stands before it and before the services."""

from gateway_api.api.accounts import (
    delete_api_key,
    get_accounts,
    get_api_keys,
    get_audit_log,
    get_audit_verification,
    get_me,
    post_account,
    post_api_key,
)
from gateway_api.api.docs import get_asyncapi, get_docs, get_openapi, get_topics
from gateway_api.api.live import get_live
from gateway_api.api.sessions import ROUTES as SESSIONS
from gateway_api.api.users import ROUTES as USERS
from gateway_api.api.webhooks import ROUTES as WEBHOOKS

ROUTES = [
    get_me,
    get_accounts,
    post_account,
    get_api_keys,
    post_api_key,
    delete_api_key,
    get_audit_log,
    get_audit_verification,
    get_live,
    get_openapi,
    get_asyncapi,
    get_topics,
    get_docs,
    *USERS,
    *SESSIONS,
    *WEBHOOKS,
]
