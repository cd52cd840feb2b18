"""Collects what a run of the integration tests leaves behind, without account ids and without data."""
