/** What a user of a saved query writes the names of a customer and of a dataset for. */
const CUSTOMER = 'CUSTOMER';
const DATASET = 'DATASET';

/**
 * The database that saved queries belong to. Athena asks every caller for it anyway, and no customer has it, so adding
 * and removing customers leaves the queries as they are. Their text names the customer's database.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
 */
export const SAVED_QUERIES_DATABASE = 'default';

export interface SavedQuery {
  /** At most 1,024 characters. */
  readonly description: string;
  readonly sql: string;
}

/**
 * The saved queries, by name.
 *
 * @param database name of a customer's database, from the name of the customer
 */
export function savedQueries(database: (customer: string) => string): { readonly [name: string]: SavedQuery } {
  const table = `${database(CUSTOMER)}.${DATASET}`;
  const query = (description: string, select: string, rest: string): SavedQuery => ({
    description,
    sql: `-- ${description}.\n-- Write the customer (- as _) for ${CUSTOMER}, and a dataset or analytics_ready for `
      + `${DATASET}.\n${select}\nFROM ${table}\n${rest}`,
  });
  return {
    RowsByMonth: query(
      'Rows by month of arrival',
      'SELECT year, month, count(*) AS row_count',
      'GROUP BY year, month\nORDER BY year, month',
    ),
    RescuedValues: query(
      'Values that did not fit the type of their column, with the file from which they come',
      'SELECT _source_file, _rescued_data',
      'WHERE _rescued_data IS NOT NULL\nLIMIT 100',
    ),
    RowsByFile: query(
      'Rows by source file and version',
      'SELECT _source_file, _source_version, count(*) AS row_count',
      'GROUP BY _source_file, _source_version\nORDER BY row_count DESC',
    ),
    NewestFiles: query(
      'The files that were read last',
      'SELECT _source_file, _source_version, max(_processed_at) AS processed_at, count(*) AS row_count',
      'GROUP BY _source_file, _source_version\nORDER BY processed_at DESC\nLIMIT 20',
    ),
    SchemaVersions: query(
      'Versions of the table\'s columns, with the files that were read with each and when',
      'SELECT _schema_version, count(DISTINCT _source_version) AS file_count, count(*) AS row_count,\n'
      + '  min(_processed_at) AS first_processed_at, max(_processed_at) AS last_processed_at',
      'GROUP BY _schema_version\nORDER BY _schema_version',
    ),
    // A row has no mark of its own for this. The manifest counts the short rows of a file exactly.
    ShortRows: query(
      'Rows without a value in LAST_COLUMN, by file: a row that is shorter than the header has none in its last one',
      'SELECT _source_file, _source_version, count(*) AS row_count',
      'WHERE LAST_COLUMN IS NULL\nGROUP BY _source_file, _source_version\nORDER BY row_count DESC',
    ),
  };
}
