"""A worker: processes one object version at a time, from its claim to its commit."""
