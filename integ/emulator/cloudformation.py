"""Makes ministack's CloudFormation provision everything in the lake's templates.

It is separate because it imports every service of ministack, the slowest part of the start.
"""

import asyncio
import logging
import os
import threading
from typing import Any

from ministack import app

logger = logging.getLogger("emulator.cloudformation")


def install_behind() -> None:
    """Installs in the background. The first request to CloudFormation waits for it."""
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
            os._exit(1)  # tests would take half an AWS for a whole one
        ready.set()

    app.SERVICE_HANDLERS["cloudformation"] = handle
    threading.Thread(target=work, daemon=True).start()


def install() -> None:
    """Registers the missing types, extends those that drop properties, and adds AWS's refusals."""
    from emulator import (
        adoption,
        bucket_properties,
        budget_types,
        dropped_properties,
        glue_types,
        guarded_catalog,
        log_groups,
        log_queries,
        refusals,
        stack_resources,
        table_properties,
        watch_types,
    )

    for module in (
        adoption,
        bucket_properties,
        budget_types,
        dropped_properties,
        glue_types,
        log_groups,
        log_queries,
        stack_resources,
        table_properties,
        watch_types,
    ):
        module.install()
    guarded_catalog.install_provisioning()
    refusals.install_provisioning()
