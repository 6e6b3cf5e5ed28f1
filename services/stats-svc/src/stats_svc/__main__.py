"""`python -m stats_svc api | worker | all | migrate | migrated | recount all | recount CAMPAIGN_ID...`."""

import sys
from uuid import UUID

import uvloop

from stats_svc.app import main, migrate, migrated, recount
from stats_svc.handlers.recount_clicks import UnknownCampaignError

ROLES = ("api", "worker", "all")
USAGE = f"usage: python -m stats_svc {' | '.join(ROLES)} | migrate | migrated | recount all | recount CAMPAIGN_ID..."


def recount_named(names: list[str]) -> None:
    try:
        campaign_ids = None if names == ["all"] else [UUID(name) for name in names]
    except ValueError:
        sys.exit(f"recount takes the word all, or ids of campaigns; {USAGE}")
    try:
        uvloop.run(recount(campaign_ids))
    except UnknownCampaignError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["migrate"]:
            uvloop.run(migrate())
        case ["migrated"]:
            uvloop.run(migrated())
        case ["recount", *names] if names:
            recount_named(names)
        case [role] if role in ROLES:
            uvloop.run(main(role))
        case _:
            sys.exit(USAGE)
