"""Mutates the jobs' modules, and runs the tests of its module against each mutant.

mutmut makes the mutants, since its
mutations reach text, arguments and branches as well as operators. The mutants run here and not in mutmut itself: that
switches mutants inside one process, and the jobs' tests start Spark and other processes. The sample is drawn anew for
each module, in proportion to its mutants, from the seed and the module's name: a change of one module leaves the sample
of the others as it is.
"""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import libcst
from mutmut.mutation.file_mutation import Mutation, create_mutations

from mutants.accepted import Accepted
from mutants.mutant import Mutant, changed_lines
from mutants.sandbox import Sandbox, suites_of
from mutants.scores import Result

ROOT = Path(__file__).parents[2]
PACKAGE = "glue-assets/datalake"
Mutations = tuple[libcst.Module, list[Mutation]]


def modules(rooms: list[str]) -> list[Path]:
    """The modules of the rooms, those in deeper folders included. A room may be a single module."""
    places = [ROOT / room for room in rooms]
    return sorted({module for place in places for module in ([place] if place.is_file() else place.rglob("*.py"))})


def mutants_of(module: Path) -> Mutations:
    """All mutations of a module, not applied yet: that takes a tenth of a second each."""
    tree, mutations, *_ = create_mutations(str(module), module.read_text())
    return tree, mutations


def sample(rooms: list[str], count: int, seed: int) -> Iterator[Mutant]:
    """A share of each module's mutants, at least one where there is any."""
    found = {module: mutants_of(module) for module in modules([PACKAGE])}
    total = sum(len(mutations) for _, mutations in found.values())
    for module in modules(rooms):
        tree, mutations = found[module]
        share = min(len(mutations), max(1, round(count * len(mutations) / total)))
        for mutation in random.Random(f"{seed} {module.name}").sample(mutations, share):
            yield apply(module, tree, mutation)


def apply(module: Path, tree: libcst.Module, mutation: Mutation) -> Mutant:
    """The mutant of a mutation."""
    mutated = tree.deep_replace(mutation.original_node, mutation.mutated_node)
    assert isinstance(mutated, libcst.Module)
    return Mutant(module.relative_to(ROOT).as_posix(), *changed_lines(tree.code, mutated.code), mutated.code)


def run(rooms: list[str], count: int, seed: int, workers: int, accepted: Accepted) -> list[Result]:
    """Runs the sample; `workers` mutants at the same time."""
    sandboxes: SimpleQueue[Sandbox] = SimpleQueue()
    made = [Sandbox(ROOT, number) for number in range(workers)]
    for sandbox in made:
        sandboxes.put(sandbox)

    def run_one(mutant: Mutant) -> Result:
        if mutant in accepted:
            return Result(mutant, "accepted")
        sandbox = sandboxes.get()
        try:
            result = Result(mutant, sandbox.run(mutant, suites_of(ROOT, mutant.path)))
        finally:
            sandboxes.put(sandbox)
        print(result, flush=True)
        return result

    try:
        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(run_one, sample(rooms, count, seed)))
    finally:
        for sandbox in made:
            sandbox.close()
