"""What the two Glue jobs of a data lake share.

Spark distributes the objects, Arrow works on them. Only what Glue preinstalls is used: boto3, numpy, pandas, pyarrow.
"""
