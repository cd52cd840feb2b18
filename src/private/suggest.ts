import { closest, distance } from 'fastest-levenshtein';

/** The lake's types, with their names in other databases and languages. */
const TYPES: Record<string, string[]> = {
  string: ['varchar', 'char', 'text', 'str', 'uuid'],
  bigint: ['long', 'int64'],
  int: ['integer', 'int32', 'smallint', 'tinyint'],
  double: ['float', 'float64', 'real', 'number'],
  boolean: ['bool'],
  date: [],
  timestamp: ['datetime'],
  decimal: ['numeric', 'dec'],
};
const USUAL_DECIMAL = '(18,2)';
const FURTHEST_TYPO = 2;

/** What a value was probably meant to be, by its path. The result may still be invalid. */
const MEANT: Record<string, ((text: string) => string) | undefined> = {
  'customerId': (text) => words(text, '-'),
  'datasets.name': (text) => words(text, '_'),
  'datasets.columns.name': columnName,
  'datasets.columns.type': columnType,
  'uploaderRoleArns': roleArn,
  'readerRoleArns': roleArn,
  'queryRoleArns': roleArn,
};

/**
 * What to write instead of an invalid value.
 *
 * @param where path of the value in the list of customers
 * @returns undefined if nothing suggests itself
 */
export function suggest(where: ReadonlyArray<string | number>, value: unknown): unknown {
  const meant = MEANT[where.filter((key) => typeof key === 'string').join('.')];
  return meant && typeof value === 'string' ? meant(value) : undefined;
}

/** Lower-case letters and digits without accents. The separator replaces everything else. */
function words(text: string, separator: string): string {
  // lower case twice, since `№` has a capital only in its compatibility form.
  const letters = text.toLowerCase().replaceAll('ß', 'ss').normalize('NFKD').toLowerCase().replace(/\p{M}/gu, '');
  return letters.split(/[^\p{L}\p{N}]+/u).filter(Boolean).join(separator);
}

/** The column name for a header, as `column_names` in glue-assets/datalake/engine/headers.py gives it. */
function columnName(text: string): string {
  const name = words(text, '_');
  return ['year', 'month'].includes(name) ? `${name}_` : name;
}

function columnType(text: string): string {
  const [, name, rest] = /^([a-z0-9]*)(.*)$/.exec(text.toLowerCase().replaceAll(/\s/g, ''))!;
  const near = closest(name, Object.keys(TYPES));
  const known = Object.keys(TYPES).find((type) => TYPES[type].includes(name));
  const type = known ?? (distance(name, near) <= FURTHEST_TYPO ? near : name);
  return type === 'decimal' ? `decimal${rest || USUAL_DECIMAL}` : type;
}

/** The ARN of a session's role. `aws sts get-caller-identity` shows the session's ARN instead. */
function roleArn(text: string): string {
  return text.replace(/^(arn:[a-z-]+):sts:(:\d{12}):assumed-role\/([^/]+).*$/, '$1:iam:$2:role/$3');
}
