"""The types of columns: how they are inferred, cast and written."""
