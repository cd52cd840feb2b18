"""The driver of a run: receives messages, hands their objects to Spark, settles the messages."""
