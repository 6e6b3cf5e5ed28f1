"""`python -m campaign_svc api | worker | all | migrate`."""

import asyncio
import os
import sys

import uvloop

from campaign_svc import app
from campaign_svc.config import MIGRATIONS
from volley_chassis.migrations import migrate

ROLES = ("api", "worker", "all", "migrate")


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1] not in ROLES:
        sys.exit(f"usage: python -m campaign_svc {' | '.join(ROLES)}")
    if sys.argv[1] == "migrate":
        asyncio.run(migrate(os.environ["VOLLEY_DATABASE_URL"], MIGRATIONS))
    else:
        uvloop.run(app.main(sys.argv[1]))


if __name__ == "__main__":
    main()
