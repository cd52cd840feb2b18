"""What the driver of a run does: receives messages, gives their objects to Spark, settles them."""
