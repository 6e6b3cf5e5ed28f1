"""The page that says what every figure means."""

from stats_svc.domain.definitions import DEFINITIONS

HEAD = """# Figures

Generated from `services/stats-svc`; `GET /v1/stats/definitions` answers the same. Names are those of the API's answers.

| figure | meaning |
|---|---|
"""


def page() -> str:
    return HEAD + "".join(f"| `{each.name}` | {each.meaning} |\n" for each in DEFINITIONS)
