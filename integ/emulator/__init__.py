"""The local AWS: ministack in one process on 127.0.0.1, with what the lake needs and ministack lacks.

`client.LocalAws` starts it, `python -m emulator` is the server. `seams` lists every name of ministack that is used.
"""
