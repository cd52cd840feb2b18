"""Makes ministack's CloudFormation provision all that the lake's templates say.

Apart from the rest, since it imports every service that ministack has, which takes longer than all else at the start.
"""

import asyncio
import logging
import os
import threading
from typing import Any

from ministack import app

logger = logging.getLogger("emulator.cloudformation")


def install_behind() -> None:
    """Installs in the background; the first call of CloudFormation waits for it."""
    ready = threading.Event()
    inner = app.SERVICE_HANDLERS["cloudformation"]

    async def handle(*request: Any) -> Any:
        if not ready.is_set():
            await asyncio.to_thread(ready.wait)
        return await inner(*request)

    def work() -> None:
        try:
            install()
        except BaseException:
            logger.exception("CloudFormation cannot be extended")
            os._exit(1)  # half an AWS would pass for a whole one
        ready.set()

    app.SERVICE_HANDLERS["cloudformation"] = handle
    threading.Thread(target=work, daemon=True).start()


def install() -> None:
    """Registers types and extends those that lose properties."""
    from emulator import (
        bucket_properties,
        dropped_properties,
        glue_types,
        refusals,
        stack_resources,
        table_properties,
        watch_types,
    )

    for module in (
        bucket_properties,
        dropped_properties,
        glue_types,
        stack_resources,
        table_properties,
        watch_types,
    ):
        module.install()
    refusals.install_provisioning()
