import { execFileSync } from 'child_process';
import { readFileSync } from 'fs';
import { join } from 'path';
import * as fc from 'fast-check';
import { datasets } from './arbitraries';
import { Customers } from '../src/customer';
import { Column, Dataset } from '../src/dataset';
import { ENCODINGS, isEncoding } from '../src/private/encodings';
import { datasetsParameter } from '../src/private/naming';
import { suggest } from '../src/private/suggest';

const ROOT = join(__dirname, '..');
const SCHEMA = JSON.parse(readFileSync(join(ROOT, 'schemas', 'customers.schema.json'), 'utf-8'));
const PYTHON = join(ROOT, '.venv', 'tools', 'bin', 'python');
const COLUMN_NAMES = 'from datalake.engine.headers import column_names';

/** What a Python expression with the jobs' modules makes of each value. */
function inPython<T>(definitions: string, expression: string, values: unknown[]): T[] {
  const print = `print(json.dumps([${expression} for value in json.load(sys.stdin)]))`;
  const program = `import json, sys\n${definitions}\n${print}`;
  const env = { ...process.env, PYTHONPATH: join(ROOT, 'glue-assets'), PYTHONDONTWRITEBYTECODE: '1' };
  return JSON.parse(execFileSync(PYTHON, ['-c', program], { env, input: JSON.stringify(values), encoding: 'utf-8' }));
}

function isAccepted(column: Column): boolean {
  try {
    Customers.of([{ customerId: 'a', datasets: [{ name: 'd', columns: [column] }] }]);
    return true;
  } catch {
    return false;
  }
}

test('without datasets there is no parameter', () => {
  expect(datasetsParameter()).toBeUndefined();
  expect(datasetsParameter([])).toBeUndefined();
});

test('the parameter has what is declared and nothing else', () => {
  const text = datasetsParameter([
    {
      name: 'orders',
      columns: [
        { name: 'id', type: 'bigint', required: true },
        { name: 'price', type: 'decimal(10, 2)', required: false },
      ],
      csv: { delimiter: ';', header: false, skipLines: 0 },
      number: { decimal: ',', thousands: '.' },
      nullIf: ['NA'],
      drift: 'reject',
      maxRescued: 0,
      hivePartitioning: true,
    },
    {
      name: 'returns',
      columns: [{ name: 'percent', type: 'double', from: 'Change %', number: { symbols: ['%'] }, nullIf: ['-'] }],
    },
    { name: 'others', columns: [] },
  ]);
  expect(JSON.parse(text!)).toEqual({
    orders: {
      columns: [{ name: 'id', type: 'bigint', required: true }, { name: 'price', type: 'decimal(10,2)' }],
      csv: { delimiter: ';', header: false, skipLines: 0 },
      number: { decimal: ',', thousands: '.' },
      nullIf: ['NA'],
      drift: 'reject',
      maxRescued: 0,
      hivePartitioning: true,
    },
    returns: {
      columns: [{ name: 'percent', type: 'double', from: 'Change %', number: { symbols: ['%'] }, nullIf: ['-'] }],
    },
    others: {},
  });
});

test('a parameter that is longer than Athena takes is refused', () => {
  const wide = (count: number): Dataset[] =>
    [{ name: 'wide', columns: Array.from({ length: count }, (_, n) => ({ name: `c${n}`, type: 'string' })) }];
  expect(datasetsParameter(wide(1500))!.length).toBeLessThan(51_200);
  expect(() => datasetsParameter(wide(1600))).toThrow(
    /^'datasets' of a customer must be at most 51200 characters as JSON, got: \d{5}; omit columns whose types /);
});

describe('the jobs', () => {
  const NUMBER_DEFAULTS = { decimal: '.', thousands: null, symbols: [], accounting: false };
  const CSV_DEFAULTS = { delimiter: null, quote: '"', escape: null, encoding: null, header: true };
  const CSV_COUNTS = { skipLines: null, skipRows: 0, skipFooter: 0, comment: '', skipInitialSpace: false };

  /** A dataset as Python's dataclass has it, with the defaults that the documentation promises. */
  function asRead({ name, columns = [], csv, number, nullIf = [], ...files }: any): object {
    const { drift = 'accept', maxRescued = null, hivePartitioning = false } = files;
    const { skipLines, skipRows, skipFooter, skipInitialSpace, ...form } = { ...CSV_DEFAULTS, ...CSV_COUNTS, ...csv };
    return {
      name,
      columns: columns.map(columnAsRead),
      csv: {
        ...form,
        skip_lines: skipLines,
        skip_rows: skipRows,
        skip_footer: skipFooter,
        skip_initial_space: skipInitialSpace,
      },
      number: number ? { ...NUMBER_DEFAULTS, ...number } : null,
      null_if: nullIf,
      drift,
      max_rescued: maxRescued,
      hive_partitioning: hivePartitioning,
    };
  }

  function columnAsRead({ name, type, number, ...column }: any): object {
    const { required = false, format = null, from = null, nullIf = null } = column;
    return {
      name,
      type: type.replace(' ', ''),
      required,
      format,
      header: from,
      number: number ? { ...NUMBER_DEFAULTS, ...number } : null,
      null_if: nullIf,
    };
  }

  test('read what the construct wrote', () => {
    const samples = fc.sample(datasets, 300);
    const read = inPython(
      'from dataclasses import asdict\nfrom datalake.engine.dataset import read_datasets',
      '{name: asdict(dataset) for name, dataset in read_datasets(value).items()}',
      samples.map((list) => datasetsParameter(list) ?? null));
    expect(read).toEqual(samples.map((list) =>
      Object.fromEntries(list.map((dataset) => [dataset.name, asRead(dataset)]))));
  });

  test('have the types that the schema names, and no others', () => {
    const [names] = inPython<string[]>('from datalake.engine.types.column_type import TYPES', 'list(TYPES)', [null]);
    const { examples } = SCHEMA.definitions.column.properties.type;
    expect([...names, 'decimal(10,2)'].sort()).toEqual([...examples].sort());
    expect(examples.filter((type: string) => !isAccepted({ name: 'c', type }))).toEqual([]);
  });

  test('have every directive that a format may have', () => {
    const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'];
    const isKnown = inPython<boolean>([
      'from datetime import datetime',
      'def is_known(letter):',
      '    try:',
      '        datetime.strptime("", f"%{letter}")',
      '    except ValueError as error:',
      '        return "bad directive" not in str(error)',
      '    return True',
    ].join('\n'), 'is_known(value)', letters);
    const alone: Record<string, string> = {
      ...Object.fromEntries([...'Yycx'].map((letter) => [letter, `%${letter}`])),
      ...Object.fromEntries([...'GV'].map((letter) => [letter, '%G-W%V-%u'])),
      ...Object.fromEntries([...'Ip'].map((letter) => [letter, '%Y %I %p'])),
      ...Object.fromEntries([...'UW'].map((letter) => [letter, `%Y %${letter} %w`])),
    };
    const formatOf = (letter: string) => alone[letter] ?? `%Y %${letter}`;
    const isAllowed = (letter: string) => isAccepted({ name: 'c', type: 'date', format: formatOf(letter) });
    expect(letters.filter((letter, index) => isAllowed(letter) && !isKnown[index])).toEqual([]);
    expect([...'aAbBcdfGHIjmMpSuUVwWxXyYzZ'].filter((letter) => !isAllowed(letter))).toEqual([]);
  });

  test('read every format that is accepted, as the moment that was written', () => {
    const directives = [...'aAbBcdfGHIjmMpSuUVwWxXyYzZ%'].map((letter) => `%${letter}`);
    const usual = ['%Y', '%y', '%m', '%d', '%b', '%H', '%I', '%p', '%M', '%S', '%G-W%V-%u'];
    const directive = fc.oneof(fc.constantFrom(...usual), fc.constantFrom(...directives));
    const formats = fc.sample(fc.array(directive, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(' ')), 3000)
      .filter((format) => isAccepted({ name: 'c', type: 'timestamp', format }));
    expect(formats.length).toBeGreaterThan(100);
    const read = inPython<string | [number, number]>([
      'from datetime import datetime, timezone',
      'WRITTEN = datetime(2023, 11, 7, 15, 4, 5, 123456, timezone.utc)',
      'def read(form):',
      '    try:',
      '        found = datetime.strptime(WRITTEN.strftime(form), form)',
      '    except Exception as error:',
      '        return repr(error)',
      '    day = any(part in form for part in ("%d", "%j", "%V", "%U", "%W", "%c", "%x"))',
      '    month = day or any(part in form for part in ("%m", "%b", "%B"))',
      '    hour = found.hour if any(part in form for part in ("%H", "%I", "%c", "%X")) else 15',
      '    return [found.year, hour]',
    ].join('\n'), 'read(value)', formats);
    expect(formats.map((format, index) => [format, read[index]]))
      .toEqual(formats.map((format) => [format, [2023, 15]]));
  });

  test('know every encoding that is accepted, and no common one is missing', () => {
    const given = [...ENCODINGS, 'UTF-8', 'Latin-1', 'ISO-8859-15', 'windows-1252', 'Shift_JIS', 'GB18030', 'koi8-r'];
    expect(given.filter((encoding) => !isEncoding(encoding))).toEqual([]);
    const isText = inPython<boolean>('import codecs', 'codecs.lookup(value)._is_text_encoding', given);
    expect(given.filter((_, index) => !isText[index])).toEqual([]);
    const [aliases] = inPython<string[]>([
      'import codecs, encodings.aliases',
      'def is_text(name):',
      '    try:',
      '        return "." not in name and codecs.lookup(name)._is_text_encoding',
      '    except LookupError:', // of Windows only
      '        return False',
    ].join('\n'), '[name for name in encodings.aliases.aliases if is_text(name)]', [null]);
    expect(aliases.filter((alias) => !isEncoding(alias))).toEqual([]);
  });

  test('leave the name of a declared column as it is', () => {
    const text = fc.stringMatching(/^[a-z0-9_]{1,9}$/);
    const names = ['c'.repeat(200), 'year_', 'month_', '2nd_half', ...fc.sample(text, 300)]
      .filter((name) => isAccepted({ name, type: 'int' }));
    expect(names.length).toBeGreaterThan(100);
    expect(inPython(COLUMN_NAMES, 'column_names([value])[0]', names)).toEqual(names);
  });

  test('give a column the name that an error suggests for it', () => {
    const suggested = (header: string) => suggest([0, 'datasets', 0, 'columns', 0, 'name'], header);
    const text = fc.string({ unit: fc.constantFrom(...'azAZ09 _-.("ßéÄÅﬁ№²€') });
    const headers = ['Unit Price (€)', 'Größe', 'Year', 'month', 'Artikel-№', ...fc.sample(text, 300)]
      .filter(suggested);
    expect(inPython(COLUMN_NAMES, 'column_names([value])[0]', headers))
      .toEqual(headers.map(suggested));
  });
});
