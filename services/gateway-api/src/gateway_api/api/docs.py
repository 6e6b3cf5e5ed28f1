"""The description of the API, for programs and for people. Neither needs a key or a network."""

from litestar import MediaType, Response, get
from litestar.di import NamedDependency

from gateway_api.domain.docs_page import STYLE_HASH, Page

POLICY = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@get("/v1/openapi.json", include_in_schema=False, media_type=MediaType.JSON)
async def get_openapi(document: NamedDependency[bytes]) -> bytes:
    return document


@get("/docs", include_in_schema=False)
async def get_docs(page: NamedDependency[Page]) -> Response[str]:
    return Response(page.html, media_type=MediaType.HTML, headers={"content-security-policy": POLICY})
