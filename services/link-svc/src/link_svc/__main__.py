"""`python -m link_svc api | worker | redirect | all | migrate | migrated`."""

import asyncio
import os
import sys
from pathlib import Path

import uvloop

from link_svc.app import main
from volley_chassis.migrations import migrate, wait_until_migrated

ROLES = ("api", "worker", "redirect", "all")
MIGRATIONS = Path(__file__).parents[2] / "migrations"

if __name__ == "__main__":
    match sys.argv[1:]:
        case ["migrate"]:
            asyncio.run(migrate(os.environ["VOLLEY_DATABASE_URL"], MIGRATIONS))
        case ["migrated"]:
            asyncio.run(wait_until_migrated(os.environ["VOLLEY_DATABASE_URL"], MIGRATIONS))
        case [role] if role in ROLES:
            uvloop.run(main(role))
        case _:
            sys.exit(f"usage: python -m link_svc {' | '.join((*ROLES, 'migrate', 'migrated'))}")
