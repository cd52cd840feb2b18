"""What is fixed about the local account."""

ACCOUNT = "123456789012"
REGION = "us-east-1"
HOST = "127.0.0.1"

#: What a client writes into the server's standard input to let it run on alone.
DETACH = b"detach\n"
