"""What end-to-end tests stand on: the platform and a provider, as `make up` runs them, on servers of their own."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from volley_tools.stack.supervisor import Stack

ONLY_ON_DEMAND = {"VOLLEY_DOMAIN_CHECK_MINUTES": "0"}
"""Tests that compare what was with what is would see domains that were checked meanwhile."""


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The platform on ports of its own, with servers that a test may kill; its logs stay if a test failed."""
    with tempfile.TemporaryDirectory(prefix="volley-e2e-", ignore_cleanup_errors=True) as folder:
        platform = Stack(
            Path(folder, "stack"), scattered=True, durable=False, with_simulator=True, settings=ONLY_ON_DEMAND
        )
        try:
            with platform:
                yield platform
        finally:
            if request.session.testsfailed:
                kept = Path(tempfile.mkdtemp(prefix="volley-e2e-logs-"), "logs")
                (platform.folder / "logs").rename(kept)
                sys.stderr.write(f"\nThe platform's logs are in {kept}\n")
            platform.remove()
