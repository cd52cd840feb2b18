"""The code of the two Glue jobs of a data lake.

Spark distributes the objects, and Arrow converts them. The package uses only what Glue preinstalls: boto3, numpy,
pandas, pyarrow. Its rooms import in one direction: stages and driver, then worker, lake, engine.
"""

import os

# Memory that Arrow frees stays with the process and is filled with the next rows; memory that is given back to the
# kernel would be cleared page by page first. The allocator reads this when pyarrow is loaded.
os.environ.setdefault("MIMALLOC_PURGE_DELAY", "-1")
