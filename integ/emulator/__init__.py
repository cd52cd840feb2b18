"""A local AWS: ministack in one process on 127.0.0.1, extended by what the lake needs and ministack lacks.

`client.LocalAws` starts it; `python -m emulator` is the server. `extension` lists what is changed, `seams` lists the
names of ministack that the changes rely on, `refusals` has the rules and limits of AWS.

It shows that a template deploys and every property arrives, and that events, queues, workflows, runs, retries,
redrives, alarms and schedules work together as AWS documents them. It does not show that permissions suffice (no policy
is enforced), that KMS keys are used correctly (nothing is encrypted), or how long AWS takes.
"""
