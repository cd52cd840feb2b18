/**
 * A dataset of a customer: the files under `raw/{name}/`, at any depth below, and the table `{name}` made from them.
 */
export interface Dataset {
  /**
   * Name of the dataset, its folder in every layer, and its table.
   *
   * Lower-case letters, digits and underscores, beginning with a letter. `analytics_ready` is reserved for the
   * table of the files directly under `raw/`.
   */
  readonly name: string;

  /**
   * Columns with a declared type. They come first in the table. A value that does not fit its column's type becomes
   * null, and its text is kept in `_rescued_data`.
   *
   * @default - every column's type is inferred from the first file in which it has values
   */
  readonly columns?: Column[];

  /**
   * CSV options of the files.
   *
   * @default - detected from each file
   */
  readonly csv?: CsvOptions;

  /**
   * How numbers are written in the files, for all columns without a `number` of their own, declared or not.
   *
   * @default - as in SQL: `-1200.50`
   */
  readonly number?: NumberFormat;

  /**
   * Values that mean null, such as `NA` or `\N`, for all columns without a `nullIf` of their own. White space around
   * them does not count, upper and lower case do. An empty value is always null.
   *
   * @default - none
   */
  readonly nullIf?: string[];

  /**
   * What happens to a file that differs from the table. `accept` adds new columns to the table. If a file shares no
   * column with it, or its first record looks like data, all its values go to `_rescued_data`. `reject` refuses all of
   * these files.
   *
   * @default 'accept'
   */
  readonly drift?: string;

  /**
   * A file with more values in `_rescued_data` is refused whole.
   *
   * @default - no limit
   */
  readonly maxRescued?: number;

  /**
   * Whether folders `name=value` in the key of a file are columns of it, as in Hive: `raw/orders/region=eu/a.csv` has
   * the column `region`. Its type is `string` unless it is declared. A file that has the column too is refused.
   *
   * @default false
   */
  readonly hivePartitioning?: boolean;

  /**
   * Longest time between two uploads of the dataset, as an ISO 8601 duration of days, hours and minutes: `P1D`, `PT36H`
   * or `Duration.hours(36).toIsoString()`. It is 1 hour to 366 days. If no file has arrived for longer, the alarm
   * `SILENT_FEEDS` rings and a notice names the dataset. The lake looks once an hour, at files that a job has taken.
   *
   * @default - the dataset may be silent
   */
  readonly expectedEvery?: string;
}

/**
 * A declared column of a dataset.
 */
export interface Column {
  /**
   * Name in the table: the file's header in lower-case snake_case, at most 200 characters. `Unit Price (€)` becomes
   * `unit_price`. `year` and `month` are reserved for the partitions, a leading underscore for the lake's own columns.
   */
  readonly name: string;

  /**
   * Type in the table, by Athena's name: `string`, `bigint`, `int`, `double`, `decimal(p,s)` with a precision of 1 to
   * 38 and a scale up to it, `boolean`, `date` or `timestamp`.
   *
   * @see https://docs.aws.amazon.com/athena/latest/ug/data-types.html
   */
  readonly type: string;

  /**
   * Rows without a value in this column are counted and reported. They stay in the table.
   *
   * @default false
   */
  readonly required?: boolean;

  /**
   * Format of a date or timestamp in the files: the directives of Python's `strptime` (`%d.%m.%Y`), or
   * `epoch_seconds`, `epoch_milliseconds` or `epoch_microseconds` for numbers that count from 1970 in UTC. A format has
   * a year, each part once, and `%I` only with `%p`: Python would otherwise fail, or read a time that is not meant.
   *
   * @default - ISO 8601
   * @see https://docs.python.org/3/library/datetime.html#strftime-and-strptime-format-codes
   */
  readonly format?: string;

  /**
   * The header of the column in the files, where the name alone does not tell: `Change %` beside `Change`.
   *
   * @default - the header by which the first file with the column has it
   */
  readonly from?: string;

  /**
   * How the numbers of this column are written in the files.
   *
   * @default - as the dataset says
   */
  readonly number?: NumberFormat;

  /**
   * Values of this column that mean null.
   *
   * @default - those of the dataset
   */
  readonly nullIf?: string[];
}

/**
 * How numbers are written in CSV files. A value that is written otherwise is no number.
 */
export interface NumberFormat {
  /**
   * The character before the fraction: `.` or `,`.
   *
   * @default '.'
   */
  readonly decimal?: string;

  /**
   * The character between groups of three digits: `.`, `,`, `'`, `_` or a space, which stands for any kind of space.
   *
   * @default - none
   */
  readonly thousands?: string;

  /**
   * Currencies, units and percent signs before or behind the number. They are no part of it: `12 %` is 12.
   *
   * @default - none
   */
  readonly symbols?: string[];

  /**
   * A minus behind the number (`3,50-`) or parentheses around it (`(3,50)`) make it negative.
   *
   * @default false
   */
  readonly accounting?: boolean;
}

/**
 * CSV options of a dataset's files. Anything omitted is detected from each file.
 */
export interface CsvOptions {
  /**
   * The character between two fields.
   *
   * @default - detected among comma, semicolon, tab and pipe
   */
  readonly delimiter?: string;

  /**
   * The character that encloses a field with delimiters, quotes or newlines. Inside such a field it is doubled.
   * If it is empty, quotes are ordinary characters, as in `5" pipe`.
   *
   * @default '"'
   */
  readonly quote?: string;

  /**
   * The character that escapes a quote inside a value. A doubled quote always stands for one quote.
   *
   * @default - none
   */
  readonly escape?: string;

  /**
   * The encoding of the text, by a name that Python's codecs know: `utf-8`, `cp1252`, `iso8859-15`.
   *
   * @default - by the byte order mark, otherwise UTF-8 if the bytes are valid, otherwise Windows-1252
   * @see https://docs.python.org/3/library/codecs.html#standard-encodings
   */
  readonly encoding?: string;

  /**
   * Whether the first record names the columns. Without a header, the columns are the declared ones, in order: the
   * dataset must have some.
   *
   * @default true
   */
  readonly header?: boolean;

  /**
   * Lines above the header to skip, such as titles and comments.
   *
   * @default - if the first record has none of the declared columns, the header is the record among the first 30 lines
   * that has most of them, two at least; otherwise the first record
   */
  readonly skipLines?: number;

  /**
   * Records right below the header that are no data, such as units.
   *
   * @default 0
   */
  readonly skipRows?: number;

  /**
   * Records at the end of the file that are no data, such as totals.
   *
   * @default 0
   */
  readonly skipFooter?: number;

  /**
   * The text that begins a line without data: `#`. A line within quotes is no comment. Such files are read more slowly,
   * by Python's `csv` module.
   *
   * @default - no line is a comment
   */
  readonly comment?: string;

  /**
   * Whether spaces behind a delimiter are skipped, so that a quote may follow them: `1, "Kim, Lee"`.
   * Such files are read more slowly, by Python's `csv` module.
   *
   * @default false
   */
  readonly skipInitialSpace?: boolean;
}
