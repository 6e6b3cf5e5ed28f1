"""The environment that each process is given."""

from pathlib import Path

from volley_tools.stack.platform import SERVICES, Addresses, Platform, Replica, Secrets, kept_secrets

SECRETS = Secrets(internal_token="token", link_secret="link", bootstrap_key="key")
ADDRESSES = Addresses("127.0.0.1:9092", "postgresql://u:p@127.0.0.1:5432", "redis://127.0.0.1:6379/0")


def platform(prefix: str = "") -> Platform:
    """Two replicas of dispatch-svc, one of each other service."""
    counts = {"dispatch-svc": 2}
    replicas = [
        Replica(service, index, service.port + 100 * index, service.public_port)
        for service in SERVICES
        for index in range(counts.get(service.name, 1))
    ]
    return Platform(ADDRESSES, SECRETS, tuple(replicas), prefix, {"VOLLEY_LOG_FORMAT": "json"})


def test_the_gateway_knows_all_services_and_the_first_key() -> None:
    made = platform()
    environment = made.environment(made.replica("gateway-api"))
    assert environment["VOLLEY_CAMPAIGN_URL"] == "http://127.0.0.1:8081"
    assert environment["VOLLEY_DISPATCH_URL"] == "http://127.0.0.1:8082"
    assert environment["VOLLEY_BOOTSTRAP_KEY"] == "key"
    assert "VOLLEY_LINK_SECRET" not in environment


def test_the_key_of_the_links_goes_to_link_svc_alone() -> None:
    made = platform()
    holders = [r.service.name for r in made.replicas if "VOLLEY_LINK_SECRET" in made.environment(r)]
    assert holders == ["link-svc"]


def test_replicas_share_a_database_and_differ_in_name_and_port() -> None:
    made = platform()
    first, second = (made.environment(made.replica(f"dispatch-svc-{index}")) for index in (0, 1))
    assert {name for name in first if first[name] != second[name]} == {"VOLLEY_HTTP_PORT", "VOLLEY_INSTANCE"}
    assert second["VOLLEY_INSTANCE"] == "dispatch-svc-1"


def test_a_prefix_sets_topics_and_databases_apart() -> None:
    environment = platform("t1").environment(platform("t1").replica("stats-svc"))
    assert environment["VOLLEY_TOPIC_PREFIX"] == "t1."
    assert environment["VOLLEY_DATABASE_URL"].endswith("/t1_volley_stats")
    assert len(set(platform("t1").databases())) == len(SERVICES)


def test_own_settings_win() -> None:
    assert platform().environment(platform().replica("link-svc"))["VOLLEY_LOG_FORMAT"] == "json"


def test_secrets_are_kept_and_closed_to_others(tmp_path: Path) -> None:
    made = kept_secrets(tmp_path)
    assert kept_secrets(tmp_path) == made
    assert len({made.internal_token, made.link_secret, made.bootstrap_key}) == 3
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0
