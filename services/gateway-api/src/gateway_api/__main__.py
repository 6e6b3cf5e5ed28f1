"""`python -m gateway_api api | worker | all | migrate`."""

import sys

import uvloop

from gateway_api.app import main, migrate

ROLES = ("api", "worker", "all", "migrate")

if __name__ == "__main__":
    role = sys.argv[1] if len(sys.argv) == 2 else ""
    if role not in ROLES:
        sys.exit(f"usage: python -m gateway_api {' | '.join(ROLES)}")
    uvloop.run(migrate() if role == "migrate" else main(role))
