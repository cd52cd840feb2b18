"""CloudWatch Logs Insights, as far as queries of this project use it: each command becomes a step of SQL.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb

Row = Mapping[str, str]
#: A relation of DuckDB, which the type checker does not see.
Relation = Any

_TOKEN = re.compile(r"""\s+|"[^"]*"|/[^/]+/|\d+(?:\.\d+)?|[@A-Za-z_][\w@.]*(?:\s*\()?|!=|<=|>=|[-+*/=<>(),\[\]]""")
_KEYWORDS = {"and", "or", "not", "in", "like", "as", "by", "asc", "desc"}
_FUNCTIONS = {
    "count": "count(",
    "count_distinct": "count(DISTINCT ",
    "sum": "sum(",
    "avg": "avg(",
    "min": "min(",
    "max": "max(",
    "latest": "last(",  # lines are in the order of their time
}
_PUNCTUATION = {"[": "(", "]": ")"}
_PARSE = re.compile(r'(\S+)\s+"([^"]*)"\s+as\s+(.+)')


def run(query: str, lines: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The rows that a query finds, each with its fields that have a value.

    Args:
        query: commands, separated by `|`.
        lines: with `@message`, `@timestamp` and the like; the members of a message that is JSON are fields too.

    Raises:
        ValueError: this program does not know a command or a function of the query.
    """
    commands = [command.strip() for command in query.split("|")]
    shown = ["@timestamp", "@message"]
    with duckdb.connect(config={"threads": 1}) as database:  # one thread keeps the order
        step = _table(database, lines, {name for command in commands for name in _names(command)})
        for command in commands:
            step, shown = _step(command, step, shown)
        found = step.project(", ".join(f'"{name}"' for name in shown)).fetchall()
    pairs = [zip(shown, row, strict=True) for row in found]
    return [{name: _text(value) for name, value in row if value is not None} for row in pairs]


def _table(database: Any, lines: Sequence[Mapping[str, Any]], named: set[str]) -> Relation:
    """The lines in the order of their time, with a column for each field that they have or the query names."""
    fields = sorted(map(_fields, lines), key=lambda line: line["@timestamp"])
    names = sorted(named.union(*fields))
    columns = ", ".join(f'"{name}" {_type(name, fields)}' for name in names)
    database.execute(f"CREATE TABLE lines ({columns})")
    table = database.table("lines")
    for line in fields:
        table.insert([line.get(name) for name in names])
    return table


def _fields(line: Mapping[str, Any]) -> dict[str, Any]:
    try:
        message = json.loads(line["@message"])
    except ValueError:
        message = {}
    return {**line, **dict(_flat(message if isinstance(message, dict) else {}))}


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Members of members, by their path: `error.type`, `advice.0`."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if members is None:
        yield name, value
    for key, member in members or ():
        yield from _flat(member, f"{name}.{key}" if name else str(key))


def _type(name: str, fields: Sequence[Mapping[str, Any]]) -> str:
    values = [line[name] for line in fields if name in line]
    return "DOUBLE" if values and all(isinstance(value, int | float) for value in values) else "VARCHAR"


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _tokens(text: str) -> list[str]:
    found = _TOKEN.findall(text)
    if "".join(found) != text:
        raise ValueError(f"the local CloudWatch cannot read {text!r}")
    return [token for token in found if not token.isspace()]


def _names(command: str) -> Iterator[str]:
    for token in _tokens(re.sub(r'"[^"]*"', '""', command).partition(" ")[2]):
        if re.match(r"[@A-Za-z_]", token) and not token.endswith("(") and token not in _KEYWORDS:
            yield token


def _expression(text: str) -> str:
    sql: list[str] = []
    for token in _tokens(text):
        if re.match(r"\w+\s*\(", token):
            name = token.rstrip("( ")
            if name not in _FUNCTIONS:
                raise ValueError(f"the local CloudWatch has no function {name!r}")
            sql.append(_FUNCTIONS[name])
        elif token.startswith('"'):
            literal = token[1:-1].replace("'", "''")
            sql.append(f"'%{literal}%'" if sql and sql[-1] == "like" else f"'{literal}'")
        elif token.startswith("/") and len(token) > 1:
            sql[-1:] = ["SIMILAR TO", f"'.*({token[1:-1]}).*'"]  # after `like`
        elif token in _KEYWORDS or not re.match(r"[@A-Za-z_]", token):
            sql.append(_PUNCTUATION.get(token, token))
        else:
            sql.append(f'"{token}"')
    # A field without values has no type.
    return re.sub(r'\b(sum|avg)\( ("[^"]+")', r"\1(TRY_CAST(\2 AS DOUBLE)", " ".join(sql))


def _named(text: str) -> list[tuple[str, str]]:
    """Expressions of a list, each with its alias or its own text as name."""
    parts = re.split(r",(?![^(]*\))", text)
    pairs = [re.split(r"\s+as\s+", part.strip()) for part in parts]
    return [(_expression(pair[0]), pair[-1]) for pair in pairs]


def _step(command: str, step: Relation, shown: list[str]) -> tuple[Relation, list[str]]:
    """One more command: what it leaves, and the fields to show."""
    word, _, rest = command.partition(" ")
    match word:
        case "fields" | "display":
            named = _named(rest)
            new = {name: expression for expression, name in named if expression != f'"{name}"'}
            return step.project(_with(new)), [name for _, name in named]
        case "filter":
            return step.filter(_expression(rest)), shown
        case "parse" if parsed := _PARSE.fullmatch(rest):
            return step.project(_with(_parsed(*parsed.groups()))), shown
        case "stats":
            figures, _, keys = rest.partition(" by ")
            named, groups = _named(figures), [key.strip() for key in keys.split(",") if key]
            columns = [f'"{key}"' for key in groups] + [f'{expression} AS "{name}"' for expression, name in named]
            return step.aggregate(", ".join(columns)), [*groups, *(name for _, name in named)]
        case "sort":
            return step.order(f"{_expression(rest)} NULLS LAST"), shown
        case "limit":
            return step.limit(int(rest)), shown
    raise ValueError(f"the local CloudWatch has no command {command!r}")


def _parsed(field: str, pattern: str, aliases: str) -> dict[str, str]:
    """A glob: each star is a field, as short as possible; the last one takes the rest."""
    parts = [re.escape(part) for part in pattern.split("*")]
    regex = "(.*?)".join(parts[:-1]) + "(.*)" + parts[-1]
    names = [name.strip() for name in aliases.split(",")]
    return {name: f"regexp_extract(\"{field}\", '{regex}', {at})" for at, name in enumerate(names, 1)}


def _with(new: Mapping[str, str]) -> str:
    """All fields, and new ones. The table has a column without values for each name in the query."""
    if not new:
        return "*"
    left = ", ".join(f'"{name}"' for name in new)
    return ", ".join([f"* EXCLUDE ({left})", *(f'{expression} AS "{name}"' for name, expression in new.items())])
