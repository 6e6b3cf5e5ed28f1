"""`python -m campaign_svc api | worker | all | migrate | migrated`."""

import asyncio
import os
import sys

import uvloop

from campaign_svc import app
from campaign_svc.config import MIGRATIONS
from volley_chassis.migrations import migrate, wait_until_migrated

ROLES = ("api", "worker", "all", "migrate", "migrated")


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1] not in ROLES:
        sys.exit(f"usage: python -m campaign_svc {' | '.join(ROLES)}")
    match sys.argv[1]:
        case "migrate":
            asyncio.run(migrate(os.environ["VOLLEY_DATABASE_URL"], MIGRATIONS))
        case "migrated":
            asyncio.run(wait_until_migrated(os.environ["VOLLEY_DATABASE_URL"], MIGRATIONS))
        case role:
            uvloop.run(app.main(role))


if __name__ == "__main__":
    main()
