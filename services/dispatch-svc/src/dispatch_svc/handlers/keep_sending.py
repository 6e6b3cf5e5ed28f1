"""Sending, as long as the process runs: ownership first, and last to go."""

import asyncio

from dispatch_svc.handlers.means import Means
from dispatch_svc.handlers.pace_senders import Bell, Pacers
from dispatch_svc.handlers.recover_slices import recover_slices


async def keep_sending(means: Means, bell: Bell) -> None:
    """Until cancelled; ends when what had left is settled."""
    owning = asyncio.create_task(means.ownership.keep())
    recovering = asyncio.create_task(recover_slices(means))
    try:
        await Pacers(means, bell).run()
    finally:
        for task in (recovering, owning):
            task.cancel()
        await asyncio.gather(recovering, owning, return_exceptions=True)
