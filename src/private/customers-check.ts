import { readFileSync } from 'fs';
import * as path from 'path';
import { Token } from 'aws-cdk-lib';
import { closest, distance } from 'fastest-levenshtein';
import { Schema, ValidationError, Validator } from 'jsonschema';
import { isEncoding, encodingAdvice } from './encodings';
import { expectedEveryProblem } from './expected-every';
import { Path, pathText, Problem, shown } from './problem';
import { formatProblem } from './strptime';
import { suggest } from './suggest';

/** A rule of the schema with its error message, by a keyword that editors know as well. */
type Rule = Schema & { errorMessage: string; examples: unknown[] };
type Members = Record<string, unknown>;

const SCHEMA_FILE = path.join(__dirname, '..', '..', 'schemas', 'customers.schema.json');
const SCHEMA: Schema = JSON.parse(readFileSync(SCHEMA_FILE, 'utf-8'));
const RULES = SCHEMA.definitions as Record<string, any>;
const VALIDATOR = new Validator();
VALIDATOR.addSchema(SCHEMA, '/');

/** These decide which resources exist, so they must be known at synthesis. */
const KNOWN_AT_SYNTH = ['customerId', 'datasets', 'shard'];
/** The default of the jobs (`CsvOptions` in glue-assets/datalake/engine/dataset.py). */
const DEFAULT_QUOTE = '"';
/** The default of the jobs (`NumberFormat` in glue-assets/datalake/engine/types/number_format.py). */
const DEFAULT_DECIMAL = '.';
const NUMBERS = /^(bigint|int|double|decimal)/;
const TYPES_WITHOUT_FORMAT = /^(string|bigint|int|double|boolean|decimal\(.*)$/;
const FURTHEST_TYPO = 3;

/**
 * All errors in a list of customers. The schema states every rule that a schema can state; `acrossValues` has the rest.
 *
 * @param customers whatever was given as such a list
 */
export function problemsOf(customers: unknown): Problem[] {
  const errors = VALIDATOR.validate(customers, SCHEMA).errors;
  const ofSchema = errors.filter((error) => !isTokenAllowed(customers, error.path))
    .map((error) => ({ path: error.path, text: textOf(error) }));
  const all = [...ofSchema, ...acrossValues(customers)];
  const once = new Map(all.map((problem) => [JSON.stringify(problem), problem])); // a value can break two keywords
  return [...once.values()].sort((a, b) => Number(a.path[0] ?? -1) - Number(b.path[0] ?? -1));
}

function isTokenAllowed(customers: unknown, where: Path): boolean {
  if (KNOWN_AT_SYNTH.includes(String(where[1]))) return false;
  let value = customers as any;
  return where.some((key) => Token.isUnresolved(value = value[key]));
}

function textOf(error: ValidationError): string {
  const rule = error.schema as Rule;
  if (error.name === 'required') {
    const missing = rule.properties![error.argument] as Rule;
    return `needs ${error.argument}; write ${JSON.stringify(error.argument)}: ${example(missing)}, for example`;
  }
  if (error.name === 'additionalProperties') return textOfUnknown(error.argument, Object.keys(rule.properties!));
  const suggestion = suggest(error.path, error.instance);
  const isValid = suggestion !== undefined && VALIDATOR.validate(suggestion, rule).valid;
  const advice = isValid ? `; write ${JSON.stringify(suggestion)}` : `; write ${example(rule)}, for example`;
  return `${rule.errorMessage}, got: ${shown(error.instance)}${advice}`;
}

function textOfUnknown(property: string, allowed: string[]): string {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '');
  const meant = allowed.find((name) => plain(name) === plain(property)) ?? closest(property, allowed);
  const isNear = plain(meant) === plain(property) || distance(meant, property) <= FURTHEST_TYPO;
  const advice = isNear ? `write ${JSON.stringify(meant)}` : 'leave it out';
  return `has the unknown property ${JSON.stringify(property)}, allowed are ${allowed.join(', ')}; ${advice}`;
}

const example = (rule: Rule): string => JSON.stringify(rule.examples[0]);

/** Rules between several values. A value of the wrong form is left to the schema. */
function acrossValues(customers: unknown): Problem[] {
  return [
    ...repeated(customers, 'customerId', []),
    ...membersOf(customers).flatMap((customer, c) => [
      ...repeated(customer.datasets, 'name', [c, 'datasets']),
      ...membersOf(customer.datasets).flatMap((dataset, d) => acrossDataset(dataset, [c, 'datasets', d])),
    ]),
  ];
}

function acrossDataset(dataset: Members, where: Path): Problem[] {
  const { expectedEvery } = dataset;
  const every = hasForm(expectedEvery, RULES.dataset.properties.expectedEvery) && expectedEveryProblem(expectedEvery);
  return [
    ...repeated(dataset.columns, 'name', [...where, 'columns']),
    ...repeated(dataset.columns, 'from', [...where, 'columns']),
    ...membersOf(dataset.columns).flatMap((column, c) => acrossColumn(column, dataset, [...where, 'columns', c])),
    ...acrossNumber(membersOf([dataset.number])[0], [...where, 'number']),
    ...acrossCsv(membersOf([dataset.csv])[0], [...where, 'csv']),
    ...acrossHeader(membersOf([dataset.csv])[0], dataset.columns, [...where, 'csv', 'header']),
    ...every ? [{ path: [...where, 'expectedEvery'], text: every }] : [],
  ];
}

function acrossHeader({ header }: Members, columns: unknown, where: Path): Problem[] {
  const text = 'is for datasets with declared columns, got: false; write "columns", or leave it out';
  return header === false && !membersOf(columns).length ? [{ path: where, text }] : [];
}

function acrossColumn(column: Members, dataset: Members, where: Path): Problem[] {
  const type = String(column.type);
  const [, precision, scale] = /^decimal\((\d+), *(\d+)\)$/.exec(type) ?? [];
  const problems: Problem[] = [];
  if (Number(scale) > Number(precision)) {
    const advice = `write "decimal(${scale},${scale})", for example`;
    problems.push({
      path: [...where, 'type'],
      text: `must have a scale up to its precision, got: "${type}"; ${advice}`,
    });
  }
  if (column.format !== undefined && TYPES_WITHOUT_FORMAT.test(type)) {
    problems.push({
      path: [...where, 'format'],
      text: `is for date and timestamp only, got: ${shown(column.format)} for a ${type}; leave it out`,
    });
  }
  const wrong = hasForm(column.format, RULES.column.properties.format) && formatProblem(column.format);
  if (wrong) {
    problems.push({ path: [...where, 'format'], text: `must ${wrong[0]}, got: ${shown(column.format)}; ${wrong[1]}` });
  }
  if (column.number !== undefined && !NUMBERS.test(type)) {
    problems.push({
      path: [...where, 'number'],
      text: `is for bigint, int, double and decimal only, got: ${shown(column.number)} for a ${type}; leave it out`,
    });
  }
  if (column.from !== undefined && membersOf([dataset.csv])[0].header === false) {
    problems.push({
      path: [...where, 'from'],
      text: `is for files with a header, got: ${shown(column.from)} beside "header": false; leave one of them out`,
    });
  }
  return [...problems, ...acrossNumber(membersOf([column.number])[0], [...where, 'number'])];
}

function acrossNumber(number: Members, where: Path): Problem[] {
  const { decimal = DEFAULT_DECIMAL, thousands } = number;
  return decimal === thousands ? [differ([...where, 'thousands'], 'decimal', thousands)] : [];
}

function acrossCsv(csv: Members, where: Path): Problem[] {
  const { delimiter, escape, quote = DEFAULT_QUOTE, comment, encoding } = csv;
  const mark = typeof comment === 'string' ? comment[0] : undefined; // a line that begins with it is no row
  const pairs = [['delimiter', delimiter, 'quote', quote], ['escape', escape, 'quote', quote],
    ['escape', escape, 'delimiter', delimiter], ['comment', mark, 'delimiter', delimiter],
    ['comment', mark, 'quote', quote]] as const;
  const same = pairs.filter(([, one, , other]) => one !== undefined && one === other)
    .map(([name, value, otherName]) => differ([...where, name], otherName, value));
  if (!hasForm(encoding, RULES.csv.properties.encoding) || isEncoding(encoding)) return same;
  const text = 'must be an encoding that Python\'s codecs know, got: '
    + `${shown(encoding)}; ${encodingAdvice(encoding)}`;
  return [...same, { path: [...where, 'encoding'], text }];
}

function hasForm(value: unknown, rule: Schema): value is string {
  return typeof value === 'string' && VALIDATOR.validate(value, rule).valid;
}

function differ(where: Path, otherName: string, value: unknown): Problem {
  return { path: where, text: `must differ from ${otherName}, got: ${shown(value)} for both; write another character` };
}

/** Names in a list that repeat an earlier entry's name. */
function repeated(list: unknown, property: string, where: Path): Problem[] {
  const known = new Map<unknown, number>();
  return membersOf(list).flatMap(({ [property]: name }, index) => {
    const first = known.get(name);
    if (first === undefined) known.set(name, index);
    if (typeof name !== 'string' || first === undefined) return [];
    const text = `must be unique, got: ${shown(name)} as in ${pathText([...where, first])}; write another name`;
    return [{ path: [...where, index, property], text }];
  });
}

/** The entries of a list. One that is not an object has no members. */
function membersOf(list: unknown): Members[] {
  return Array.isArray(list) ? list.map((entry) => entry ?? {}) : [];
}
