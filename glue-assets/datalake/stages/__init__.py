"""The two stages: what the two jobs do differently."""
