"""`python -m stats_svc api | worker | all | migrate | migrated`."""

import sys

import uvloop

from stats_svc.app import main, migrate, migrated

ROLES = ("api", "worker", "all", "migrate", "migrated")

if __name__ == "__main__":
    role = sys.argv[1] if len(sys.argv) == 2 else ""
    if role not in ROLES:
        sys.exit(f"usage: python -m stats_svc {' | '.join(ROLES)}")
    match role:
        case "migrate":
            uvloop.run(migrate())
        case "migrated":
            uvloop.run(migrated())
        case _:
            uvloop.run(main(role))
