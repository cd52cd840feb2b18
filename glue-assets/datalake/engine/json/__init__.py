"""JSON lines: written by the first stage, read by the second."""
