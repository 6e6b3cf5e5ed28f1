"""`python -m stats_svc api | worker | all | migrate`."""

import sys

import uvloop

from stats_svc.app import main, migrate

ROLES = ("api", "worker", "all", "migrate")

if __name__ == "__main__":
    role = sys.argv[1] if len(sys.argv) == 2 else ""
    if role not in ROLES:
        sys.exit(f"usage: python -m stats_svc {' | '.join(ROLES)}")
    uvloop.run(migrate() if role == "migrate" else main(role))
