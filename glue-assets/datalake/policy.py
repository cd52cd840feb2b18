"""Every retry, wait, lease and limit of the jobs, with its reason.

The engine has limits of its own, since it knows nothing of the jobs. `test/policy.test.ts` compares what the construct
sets (timeouts, receive counts) with what stands here.
"""

# --- A run -----------------------------------------------------------------------------------------------------------

#: A run that has worked ends after this many seconds of an empty queue: another start would cost at least a minute.
IDLE_SECONDS = 10
#: A run begins nothing after this many seconds. It ends before credentials of one hour and Glue's timeout cut it off.
RUN_SECONDS = 3000
#: SQS long poll. A message that arrives is returned at once.
POLL_SECONDS = 2
#: Polls at a time while the queue is full. Four receive 40 messages in a round trip, more than the tasks can use up.
MOST_RECEIVERS = 4
#: The main loop looks at least this often at leases, metrics and the end of the run.
TICK_SECONDS = 1.0
#: Threads of the driver. Half of them may hold a Spark job each: more would overload one driver.
THREADS = 256
#: CloudWatch keeps no finer period than a minute.
METRICS_SECONDS = 60

# --- What no event has told of ---------------------------------------------------------------------------------------

#: An object that is this old and has no item is missing its event. Its own event may be on its way until then.
RECONCILE_DELAY_SECONDS = 3600
#: How far a reconcile looks back. Each object has three of the daily ones, in case one of them fails.
RECONCILE_WINDOW_SECONDS = 3 * 86_400
#: One message compares for this long, then another goes on: well within the visibility timeout of 60 seconds.
RECONCILE_SECONDS = 20

# --- Groups of objects -----------------------------------------------------------------------------------------------

#: A task costs about 70 ms, so objects share one. Larger groups would keep other customers waiting.
GROUP_OBJECTS = 20
GROUP_BYTES = 32 << 20
#: An object that may kill the run waits for the others, but no longer than this.
PATIENCE_SECONDS = 60
#: Tries that Spark gives a task. A second one would meet the same object again, together with its neighbours.
TASK_TRIES = 1

# --- One object ------------------------------------------------------------------------------------------------------

#: Tries of an object before it is given up.
MOST_ATTEMPTS = 4
#: One try. 100 MB take about a second. RUN_SECONDS and this together must not exceed the job's timeout in Glue.
OBJECT_SECONDS = 600
#: Lease and message are renewed this often per lease, so that one renewal may fail.
BEATS_PER_LEASE = 3
#: Wait before the second try. Each further one waits twice as long, up to LONGEST_BACKOFF_SECONDS.
BACKOFF_SECONDS = 10.0
LONGEST_BACKOFF_SECONDS = 900
#: A run stays this long for messages that it has deferred. The sweeper starts another run for later ones.
STAY_SECONDS = 90
#: A customer's declarations are read again after this time, so a deployment takes effect within it.
DECLARATIONS_SECONDS = 60.0
#: Customers whose sessions a process keeps: 4 KB each, some tens of megabytes in all.
MOST_CUSTOMERS = 5_000
#: Columns of all contracts that a process keeps: 182 bytes each were measured, so some 20 MB, however wide the files.
MOST_COLUMNS = 100_000
#: Versions of a key that no newer one has replaced. Beyond this number, the list loses those that can never succeed.
MOST_UNREPLACED = 100
#: Most memory of a process at work on one object, whatever its shape. A worker has 16 GB for four of them and Spark.
#: `npx projen bench:limits` fails where a path needs more.
OBJECT_MEMORY_BYTES = 1 << 30
#: Outputs up to this size never touch the disk.
MEMORY_BYTES = 8 << 20
#: Each of the three facts of a conversion that grow with the number of columns. The item must stay below 400 KB.
FACT_BYTES = 64 << 10
#: DynamoDB ends items at 400 KB, and attributes count to the size of a message. The first lines of an error say it.
ERROR_LENGTH = 1000

# --- Calls to AWS ----------------------------------------------------------------------------------------------------

#: botocore's `standard` mode: about a minute of throttling is waited out before a call fails.
CALL_ATTEMPTS = 6
CONNECT_SECONDS = 5
READ_SECONDS = 60
#: Connections per client: the threads of a worker and its heartbeat.
CONNECTIONS = 10
#: Writes under a condition, before the object changes too fast to be written. The loser reads again and repeats.
OUTPUT_TRIES = 10
#: Contracts and tables have many writers at once, each of which can win only once per round.
CONTRACT_TRIES = 50
TABLE_TRIES = 50
#: S3 takes up to 5 GB at once; smaller parts cost less to send again.
PART_BYTES = 256 << 20

# --- Limits of AWS ---------------------------------------------------------------------------------------------------

#: SQS: messages per call.
BATCH = 10
#: SQS: the longest visibility timeout, 12 hours.
LONGEST_HIDDEN_SECONDS = 43_200
#: CloudWatch: values per datum.
MOST_VALUES = 150
#: S3: tags per object.
MOST_TAGS = 10
#: S3: 2 KB of metadata per object, less what the short entries need.
SOURCE_KEY_BYTES = 1600
