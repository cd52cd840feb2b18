"""What the two Glue jobs of a data lake share.

Spark distributes the objects, Arrow works on them. Only what Glue preinstalls is used: boto3, numpy, pandas, pyarrow.
"""

import os

# What Arrow frees stays with the process, which fills it again with the next rows: the kernel would first clear every
# page of it. Read by the allocator when pyarrow is loaded.
os.environ.setdefault("MIMALLOC_PURGE_DELAY", "-1")
