import { createHash } from 'crypto';
import { flat, Version } from './graph';
import { tableOf } from './tree';
import { Contract, identityOf, Item } from '../manifest';

const PRODUCER = 'https://github.com/modern-data-lake/modern-data-lake';
const SPEC = 'https://openlineage.io/spec';
const RUN_EVENT = `${SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent`;
/** The last event of a run, by the status of its input. RETRYING ends an attempt, PROCESSING ends nothing. */
const ENDS: Readonly<Record<string, string>> = {
  SUCCEEDED: 'COMPLETE', SUPERSEDED: 'COMPLETE', REJECTED: 'FAIL', FAILED: 'FAIL', RETRYING: 'FAIL',
};

/** Names that the events give to what lies outside of the manifest. */
export interface Names {
  /** Namespace of the jobs. */
  readonly jobs: string;
  readonly bucket: string;
  /** Database of the tables, and where it is. */
  readonly database: string;
  readonly region: string;
  readonly account: string;
  /** Contracts by `contractName`. */
  readonly contracts: ReadonlyMap<string, Contract>;
}

type Facets = Readonly<Record<string, object>>;

/** The key of a contract in `Names`. */
export const contractName = (item: Item): string => `${item.dataset} ${item.schema_version}`;

/**
 * Run events of https://openlineage.io, the oldest first: START for each object version that a job has read, and
 * COMPLETE, FAIL or ABORT if its attempt is over. The manifest keeps the last attempt only, and not its start, so START
 * has the time of the upload.
 */
export function eventsOf(versions: readonly Version[], names: Names): object[] {
  const read = versions.flatMap(flat).filter(({ item }) => item?.job_name);
  const events = read.flatMap((version) => runOf(version, version.item!, names));
  return events.sort((a, b) => a.eventTime.localeCompare(b.eventTime));
}

function runOf(version: Version, item: Item, names: Names): { eventTime: string }[] {
  const event = (eventType: string, eventTime: string, runFacets: Facets, outputs: readonly object[]) => ({
    eventType,
    eventTime,
    run: { runId: runIdOf(item), facets: { ...tags('Run', { 'glue-job-run-id': item.job_run_id }), ...runFacets } },
    job: { namespace: names.jobs, name: item.job_name, facets: JOB_FACETS },
    inputs: [inputOf(version.key, item, names)],
    outputs,
    producer: PRODUCER,
    schemaURL: RUN_EVENT,
  });
  const start = event('START', item.uploaded_at ?? item.updated_at, {}, []);
  const isAborted = item.status === 'SUPERSEDED' && !version.made.length;
  const end = isAborted ? 'ABORT' : ENDS[item.status];
  if (!end) return [start];
  const error = item.error && facet('errorMessage', 'ErrorMessageRunFacet', '1-0-1', {
    message: `${item.error.type}: ${item.error.message}`, programmingLanguage: 'PYTHON',
  });
  const outputs = version.made.map((made) => outputOf(made, item, names));
  return [start, event(end, endOf(version, item), error ?? {}, outputs)];
}

/** When the output was there. A replaced version was updated when it was replaced, which may be years later. */
function endOf({ made }: Version, item: Item): string {
  return item.status === 'SUPERSEDED' && made[0]?.item?.uploaded_at || item.updated_at;
}

/** The last attempt at a version always has the same id: of a UUID whose form is the producer's own (RFC 9562, 8). */
function runIdOf(item: Item): string {
  const digest = createHash('sha256').update(`${identityOf(item)}#${item.attempts}`).digest('hex');
  return digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5');
}

function inputOf(key: string, item: Item, { bucket }: Names): object {
  return {
    namespace: `s3://${bucket}`,
    name: key,
    facets: { ...versionFacet(item.version), ...tags('Dataset', { status: item.status }) },
    inputFacets: facet('inputStatistics', 'InputStatisticsInputDatasetFacet', '1-0-0', {
      rowCount: item.rows_in, size: item.size_bytes, fileCount: 1,
    }),
  };
}

/** @param input the item of which it was made */
function outputOf(made: Version, input: Item, names: Names): object {
  const columns = names.contracts.get(contractName(input))?.columns;
  const table = tableOf(made, (dataset) => `table/${names.database}/${dataset}`);
  return {
    namespace: `s3://${names.bucket}`,
    name: made.key,
    facets: {
      ...made.item && versionFacet(made.item.version),
      ...columns && facet('schema', 'SchemaDatasetFacet', '1-2-0', {
        fields: columns.map(({ name, type }, at) => ({ name, type, ordinal_position: at + 1 })),
      }),
      ...table && facet('symlinks', 'SymlinksDatasetFacet', '1-0-1', {
        identifiers: [{ namespace: `arn:aws:glue:${names.region}:${names.account}`, name: table, type: 'TABLE' }],
      }),
      ...tags('Dataset', {
        'status': made.item?.status,
        'schema-version': input.schema_version,
        'values-rescued': input.values_rescued,
        'rows-short': input.rows_short,
      }),
    },
    outputFacets: facet('outputStatistics', 'OutputStatisticsOutputDatasetFacet', '1-0-2', {
      rowCount: input.rows_out, size: made.item?.size_bytes, fileCount: 1,
    }),
  };
}

const versionFacet = (datasetVersion: string): Facets => (
  facet('version', 'DatasetVersionDatasetFacet', '1-0-1', { datasetVersion }));

/** A facet of the standard, under the name that the standard gives to it. */
function facet(name: string, schema: string, version: string, content: object): Facets {
  const _schemaURL = `${SPEC}/facets/${version}/${schema}.json#/$defs/${schema}`;
  return { [name]: { _producer: PRODUCER, _schemaURL, ...content } };
}

/** The standard's place for facts that it has no facet for. */
function tags(of: 'Run' | 'Dataset', values: Readonly<Record<string, string | number | undefined>>): Facets {
  const known = Object.entries(values).filter(([, value]) => value !== undefined);
  if (!known.length) return {};
  return facet('tags', `Tags${of}Facet`, '1-0-0', {
    tags: known.map(([key, value]) => ({ key, value: String(value), source: 'MODERN_DATA_LAKE' })),
  });
}

const JOB_FACETS = facet('jobType', 'JobTypeJobFacet', '2-0-4', {
  processingType: 'BATCH', integration: 'AWS_GLUE', jobType: 'JOB',
});
