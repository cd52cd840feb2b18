"""The whole lake on this machine: deploy it, upload CSV files, query the tables.

`python -m demo` is the command. `lake` is the client of a deployed lake; the end-to-end tests use it too.
"""
