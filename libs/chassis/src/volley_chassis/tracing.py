"""OpenTelemetry traces, exported by OTLP over HTTP where an endpoint is configured."""

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from volley_chassis.settings import ServiceSettings


def configure(service: str, settings: ServiceSettings) -> TracerProvider | None:
    """Start exporting spans, or do nothing where no endpoint is set: spans then cost next to nothing."""
    if settings.otlp_endpoint is None:
        return None
    resource = Resource.create({"service.name": service, "service.instance.id": settings.instance})
    provider = TracerProvider(resource=resource)
    exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return provider
