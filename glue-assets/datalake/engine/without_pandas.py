"""Keeps pyarrow from importing pandas.

When pyarrow makes its first array, it imports pandas if that is installed, as on Glue, to see whether it was given a
pandas object. That costs each process 40 MB and a quarter of a CPU second. No conversion needs it.
"""

import sys

import pyarrow as pa


class _NoPandas:
    """A finder of modules that finds no pandas."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        """Tells Python not to look further."""
        if name == "pandas":
            raise ModuleNotFoundError(name)


sys.meta_path.insert(0, _NoPandas)
pa.array([])  # pyarrow 21 tries once in a process; pyarrow 17, on Glue 5.0, tries again later and then finds pandas
sys.meta_path.remove(_NoPandas)
