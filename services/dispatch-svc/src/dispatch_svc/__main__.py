"""python -m dispatch_svc api | worker | all | migrate | migrated"""

import os
import sys
from pathlib import Path

import uvloop

from dispatch_svc.app import main as serve
from volley_chassis.migrations import migrate, wait_until_migrated

MIGRATIONS = Path(__file__).parents[2] / "migrations"
ROLES = ("api", "worker", "all", "migrate", "migrated")


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1] not in ROLES:
        sys.exit(f"usage: python -m dispatch_svc {' | '.join(ROLES)}")
    match sys.argv[1]:
        case "migrate":
            uvloop.run(migrate(os.environ["VOLLEY_DATABASE_URL"], MIGRATIONS))
        case "migrated":
            uvloop.run(wait_until_migrated(os.environ["VOLLEY_DATABASE_URL"], MIGRATIONS))
        case role:
            uvloop.run(serve(role))


main()
