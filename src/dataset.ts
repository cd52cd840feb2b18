/**
 * A dataset of a customer: the files under `raw/{name}/`, at any depth below, and the table `{name}` made from them.
 */
export interface Dataset {
  /**
   * Name of the dataset, of its folder in every layer and of its table.
   *
   * Lower-case letters, digits and underscores, beginning with a letter. `analytics_ready` is taken: it is the table of
   * the files directly under `raw/`.
   */
  readonly name: string;

  /**
   * The columns whose types are known beforehand. They come first in the table. A value that does not fit its column's
   * type is null there and kept as text in `_rescued_data`.
   *
   * @default - every column's type is inferred from the first file in which it has values
   */
  readonly columns?: Column[];

  /**
   * The form of the CSV files.
   *
   * @default - found out from each file
   */
  readonly csv?: CsvOptions;
}

/**
 * A declared column of a dataset.
 */
export interface Column {
  /**
   * Name in the table: what the name in the file's header becomes, in lower-case snake_case (`Unit Price (€)` is
   * `unit_price`), at most 200 characters. `year` and `month` are taken by the partitions, a leading underscore by the
   * lake's own columns.
   */
  readonly name: string;

  /**
   * Type in the table, as Athena names it: `string`, `bigint`, `int`, `double`, `decimal(p,s)` with a precision of 1 to
   * 38 and a scale up to it, `boolean`, `date` or `timestamp`.
   *
   * @see https://docs.aws.amazon.com/athena/latest/ug/data-types.html
   */
  readonly type: string;

  /**
   * A row without a value in this column is counted and reported; it stays in the table.
   *
   * @default false
   */
  readonly required?: boolean;

  /**
   * Format of a date or timestamp in the files: the directives of Python's `strptime` (`%d.%m.%Y`), or
   * `epoch_seconds`, `epoch_milliseconds` or `epoch_microseconds` for numbers that count from 1970 in UTC.
   *
   * @default - ISO 8601
   * @see https://docs.python.org/3/library/datetime.html#strftime-and-strptime-format-codes
   */
  readonly format?: string;
}

/**
 * The form of a dataset's CSV files, as far as it should not be found out from the files.
 */
export interface CsvOptions {
  /**
   * The character between two fields.
   *
   * @default - comma, semicolon, tab or pipe, whichever the file uses
   */
  readonly delimiter?: string;

  /**
   * The character around a field that contains delimiters, quotes or newlines. Inside such a field it is doubled.
   *
   * @default '"'
   */
  readonly quote?: string;

  /**
   * The character before a quote that is part of a value. A doubled quote always is one.
   *
   * @default - none
   */
  readonly escape?: string;

  /**
   * The encoding of the text, by a name that Python's codecs know: `utf-8`, `cp1252`, `iso8859-15`.
   *
   * @default - UTF-8, UTF-16 by its byte order mark, otherwise Windows-1252
   * @see https://docs.python.org/3/library/codecs.html#standard-encodings
   */
  readonly encoding?: string;

  /**
   * The first record names the columns. Without a header they are the declared columns, in their order.
   *
   * @default true
   */
  readonly header?: boolean;

  /**
   * Lines before the header that are no data, such as titles and comments.
   *
   * @default 0
   */
  readonly skipLines?: number;
}
