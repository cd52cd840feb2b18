"""The lake under faults: one fault, the lake recovers by itself, and what it leaves is compared with a run without.

`python -m faults` injects them all and prints how many there were and how many left a difference.
"""
