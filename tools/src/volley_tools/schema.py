"""A service's schema.sql: `python -m volley_tools.schema services/X-svc ...` writes it from the migrations.

The server is the one of VOLLEY_TEST_POSTGRES, or else of VOLLEY_POSTGRES (URL without a database). `shape` is what the
tests compare: the text of a dump differs between releases of pg_dump, the catalog does not.
"""

import asyncio
import os
import re
import subprocess
import sys
import uuid
from pathlib import Path

import asyncpg

from volley_chassis.migrations import migrate
from volley_tools.stack.prerequisites import find_postgres

_NOISE = re.compile(r"^(--.*|SET .*|SELECT pg_catalog\..*|\\.*)$\n?", re.MULTILINE)
_SHAPE = """
SELECT format('%s.%s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
       CASE WHEN a.attnotnull THEN 'not null' END, pg_get_expr(d.adbin, d.adrelid), nullif(a.attidentity, ''))
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
UNION ALL
SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
UNION ALL
SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
UNION ALL
SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE NOT tgisinternal
UNION ALL
SELECT format('%s %s', relname, reloptions) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND reloptions IS NOT NULL
"""


async def shape(url: str) -> list[str]:
    """Columns, indexes, constraints, functions and triggers of a database, one sorted line each."""
    connection = await asyncpg.connect(url)
    try:
        return sorted(row[0] for row in await connection.fetch(_SHAPE) if "schema_migrations" not in row[0])
    finally:
        await connection.close()


async def apply(url: str, sql: Path) -> None:
    """Run a schema.sql in an empty database."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql.read_text("utf-8"))  # noqa: ASYNC240 - a small file, once
    finally:
        await connection.close()


def dump(url: str) -> str:
    """The schema as SQL, without what differs between machines."""
    folder = find_postgres()
    program = str(folder / "pg_dump") if folder and (folder / "pg_dump").exists() else "pg_dump"
    options = ["--schema-only", "--no-owner", "--no-privileges", "--exclude-table=schema_migrations"]
    text = subprocess.run([program, *options, url], check=True, capture_output=True, text=True).stdout
    body = re.sub(r"\n{2,}", "\n\n", _NOISE.sub("", text)).strip()
    return f"-- The result of the migrations; written by `python -m volley_tools.schema`.\n\n{body}\n"


async def write(service: Path, server: str) -> None:
    name = f"schema_{uuid.uuid4().hex}"
    admin = await asyncpg.connect(f"{server}/postgres")
    try:
        await admin.execute(f'CREATE DATABASE "{name}"')
        try:
            await migrate(f"{server}/{name}", service / "migrations")
            (service / "schema.sql").write_text(dump(f"{server}/{name}"), "utf-8")
        finally:
            await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await admin.close()


def main() -> None:
    server = os.environ.get("VOLLEY_TEST_POSTGRES") or os.environ.get("VOLLEY_POSTGRES")
    if not server or len(sys.argv) < 2:
        sys.exit("usage: VOLLEY_POSTGRES=postgresql://... python -m volley_tools.schema services/X-svc ...")
    for service in sys.argv[1:]:
        asyncio.run(write(Path(service), server))


if __name__ == "__main__":
    main()
