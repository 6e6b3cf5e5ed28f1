"""The descriptions of the API and of the topics, for programs and for people. None needs a key or a network."""

from litestar import MediaType, Response, get
from litestar.di import NamedDependency

from gateway_api.domain.docs_page import STYLE_HASH, Page

POLICY = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@get("/v1/openapi.json", include_in_schema=False, media_type=MediaType.JSON)
async def get_openapi(document: NamedDependency[bytes]) -> bytes:
    return document


@get("/v1/asyncapi.json", include_in_schema=False, media_type=MediaType.JSON)
async def get_asyncapi(topics: NamedDependency[bytes]) -> bytes:
    return topics


@get("/docs/topics", include_in_schema=False)
async def get_topics(topics_page: NamedDependency[Page]) -> Response[str]:
    return Response(topics_page.html, media_type=MediaType.HTML, headers={"content-security-policy": POLICY})


@get("/docs", include_in_schema=False)
async def get_docs(page: NamedDependency[Page]) -> Response[str]:
    return Response(page.html, media_type=MediaType.HTML, headers={"content-security-policy": POLICY})
