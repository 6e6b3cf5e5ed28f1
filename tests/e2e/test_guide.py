"""The guide to the API is walked as it stands: its commands carry a campaign from an empty account to its figures."""

import asyncio
import os
import re
from pathlib import Path

from volley_tools.demo.provider import Provider
from volley_tools.stack.prerequisites import ROOT
from volley_tools.stack.supervisor import Stack

SECONDS = 120.0
TEXT = re.compile(r"Hi (Zoe|Max|there), see https?://\S+ Stop: https?://\S+")


async def test_the_commands_of_the_guide_work(provider: Provider, stack: Stack, tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs/guides/api.md").read_text(), re.DOTALL | re.MULTILINE)
    assert len(blocks) > 5
    known = {"VOLLEY": stack.url("gateway-api"), "ADMIN_KEY": stack.bootstrap_key, "PROVIDER": provider.url}
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euo", "pipefail", "-c", "\n".join(blocks)),
        env=os.environ | known,
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    assert process.returncode == 0, said.decode()
    assert '"missing":[]' in said.decode()
    assert len([m for m in (await provider.ledger()).messages if TEXT.fullmatch(m["text"])]) == 3
