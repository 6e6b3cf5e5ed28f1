"""`python -m gateway_api api | worker | all | migrate | migrated | verify-audit`."""

import sys

import uvloop

from gateway_api.app import main, migrate, migrated, verify_audit_logs

ROLES = ("api", "worker", "all", "migrate", "migrated", "verify-audit")

if __name__ == "__main__":
    role = sys.argv[1] if len(sys.argv) == 2 else ""
    if role not in ROLES:
        sys.exit(f"usage: python -m gateway_api {' | '.join(ROLES)}")
    match role:
        case "migrate":
            uvloop.run(migrate())
        case "migrated":
            uvloop.run(migrated())
        case "verify-audit":
            sys.exit(uvloop.run(verify_audit_logs()))
        case _:
            uvloop.run(main(role))
