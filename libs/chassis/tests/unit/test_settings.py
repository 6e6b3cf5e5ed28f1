import pytest

from volley_chassis.settings import ServiceSettings, SettingsError, load

GIVEN = {
    "VOLLEY_DATABASE_URL": "postgresql://localhost/x",
    "VOLLEY_KAFKA": "localhost:9092",
    "VOLLEY_INTERNAL_TOKEN": "t",
}


def test_values_are_converted_and_defaults_kept() -> None:
    settings = load(ServiceSettings, GIVEN | {"VOLLEY_HTTP_PORT": "9000"})
    assert settings.http_port == 9000
    assert settings.topic_prefix == ""


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(SettingsError, match="VOLLEY_KAFKA is not set"):
        load(ServiceSettings, {k: v for k, v in GIVEN.items() if k != "VOLLEY_KAFKA"})


def test_an_illegal_variable_is_named() -> None:
    with pytest.raises(SettingsError, match="http_port"):
        load(ServiceSettings, GIVEN | {"VOLLEY_HTTP_PORT": "many"})
