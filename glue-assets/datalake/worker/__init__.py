"""What a worker does: one object version at a time, from its claim to its commit."""
