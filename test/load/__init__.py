"""A lake under load: `python -m load` puts many objects of many customers through both stages and counts.

`python -m load.cost` prints what a million objects and an idle lake cost, from the counted calls.
"""
