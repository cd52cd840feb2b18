"""A model of the life of a key in TLA+, and what checks it."""
