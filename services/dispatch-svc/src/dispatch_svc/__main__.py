"""python -m dispatch_svc api | worker | all | migrate"""

import os
import sys
from pathlib import Path

import uvloop

from dispatch_svc.app import main as serve
from volley_chassis.migrations import migrate

MIGRATIONS = Path(__file__).parents[2] / "migrations"
ROLES = ("api", "worker", "all", "migrate")


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1] not in ROLES:
        sys.exit(f"usage: python -m dispatch_svc {' | '.join(ROLES)}")
    role = sys.argv[1]
    if role == "migrate":
        uvloop.run(migrate(os.environ["VOLLEY_DATABASE_URL"], MIGRATIONS))
    else:
        uvloop.run(serve(role))


main()
