"""The whole lake on this machine: deploy it, put CSV files into it, query what comes out.

`python -m demo` is the command, `lake` the client of a deployed lake that the end-to-end tests use as well.
"""
