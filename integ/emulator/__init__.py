"""The local AWS: ministack in one process on 127.0.0.1, with what the lake needs and ministack lacks.

`client.LocalAws` starts it, `python -m emulator` is the server. `extension` is the list of what is changed, `seams` the
list of ministack's names that are used for it.

It shows that a template deploys, that every property arrives, that events, queues, workflows, runs, retries, redrives,
alarms and schedules work together as AWS documents them. It does not show that permissions suffice (no policy is
enforced), that KMS keys are used rightly (nothing is encrypted), or how long AWS itself takes.
"""
