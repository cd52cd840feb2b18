"""What the two jobs do differently."""
