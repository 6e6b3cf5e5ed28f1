"""The settings of gateway-api."""

from typing import Annotated

import msgspec

from volley_chassis.outside import networks_in
from volley_chassis.settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Addresses of the services, the first administrator's key, and limits. Times are in seconds.

    `webhooks_private` lets webhooks go to private addresses and without TLS: for development, and for clusters whose
    accounts all belong to the operator.

    `trusted_proxies` (CIDRs, separated by commas) are believed in X-Forwarded-For who the client is; tries to sign in
    are counted by that.

    `rate_per_second` and `rate_burst` bound the requests of one API key. `cors_origins` are separated by commas; none
    means that browsers of other origins are not let in. `answer_within` bounds the silence of a service.
    `metrics_port` serves metrics and health, for the inside only: the public port has no metrics.
    `webhook_log_days` is how long what was posted, and its attempts, stand in the log.
    """

    campaign_url: str
    dispatch_url: str
    link_url: str
    stats_url: str
    redis_url: str
    bootstrap_key: str | None = None
    rate_per_second: float = 50.0
    rate_burst: int = 100
    trusted_proxies: str = ""
    cors_origins: str = ""
    webhooks_private: bool = False
    answer_within: float = 30.0
    heartbeat: float = 15.0
    metrics_port: int | None = None
    webhook_log_days: Annotated[int, msgspec.Meta(ge=1)] = 30

    @property
    def services(self) -> dict[str, str]:
        """Base URLs by the names that the API description uses."""
        urls = {
            "campaign-svc": self.campaign_url,
            "dispatch-svc": self.dispatch_url,
            "link-svc": self.link_url,
            "stats-svc": self.stats_url,
        }
        return {name: url.rstrip("/") for name, url in urls.items()}

    @property
    def proxies(self) -> list[str]:
        return [str(network) for network in networks_in("VOLLEY_TRUSTED_PROXIES", self.trusted_proxies)]

    @property
    def origins(self) -> list[str]:
        return [origin.strip() for origin in self.cors_origins.split(",") if origin.strip()]
