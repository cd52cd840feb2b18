import { GetObjectCommand, paginateListObjectsV2, PutObjectCommand } from '@aws-sdk/client-s3';
import { Ended, OUTCOMES, Tally } from './import-plan';
import { print, tableOf } from './output';
import { Aws } from '../aws';

const COLUMNS = ['outcome', 'from', 'to', 'bytes', 'uploadedAt', 'reason'] as const;
/** Failures that are shown. The report has all. */
const MOST_SHOWN = 20;

/** What an import was about. */
export interface About {
  readonly id: string;
  readonly customer: string;
  readonly source: string;
  readonly listed: number;
}

/** The report of an import: `report.csv` with every object, and `report.json` with the sums. */
export class Report {
  public readonly tally = new Tally();
  private readonly failures: Ended[] = [];
  private readonly rows: string[] = [COLUMNS.join(',')];

  constructor(private readonly about: About) {}

  public add(ended: Ended): void {
    this.tally.add(ended);
    this.rows.push(COLUMNS.map((name) => quoted(String(ended[name] ?? ''))).join(','));
    if (ended.outcome === 'failed' && this.failures.length < MOST_SHOWN) this.failures.push(ended);
  }

  /** Objects of which nothing is known. None, unless the import has not come to its end. */
  public get missing(): number {
    return this.about.listed - this.tally.all;
  }

  public get isComplete(): boolean {
    return !this.missing && !this.tally.counts.failed;
  }

  public async write(aws: Aws, bucket: string): Promise<void> {
    const files = { 'report.csv': `${this.rows.join('\r\n')}\r\n`, 'report.json': JSON.stringify(this.sums(bucket)) };
    for (const [name, Body] of Object.entries(files)) {
      await aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${this.about.id}/${name}`, Body }));
    }
  }

  public show(bucket: string, json?: boolean): void {
    if (json) return print(JSON.stringify(this.sums(bucket), undefined, 2));
    print(tableOf(['Outcome', 'Objects'], OUTCOMES.map((name) => [name, this.tally.counts[name]])));
    if (this.failures.length) {
      print(tableOf(['Failed', 'Reason'], this.failures.map(({ from, reason }) => [from, reason])));
    }
    const { listed, id } = this.about;
    print(this.missing ? `${this.missing} of ${listed} listed objects are in no result: import again, which goes on.`
      : `All ${listed} listed objects are in the report: s3://${bucket}/${id}/report.csv`);
  }

  private sums(bucket: string): object {
    const { counts, bytesCopied, months } = this.tally;
    const report = `s3://${bucket}/${this.about.id}/report.csv`;
    return { ...this.about, ...counts, missing: this.missing, bytesCopied, months: sorted(months), report };
  }
}

/** What the results of an import say of its objects. */
export async function* resultsOf(aws: Aws, bucket: string, id: string): AsyncGenerator<Ended> {
  const pages = paginateListObjectsV2({ client: aws.s3 }, { Bucket: bucket, Prefix: `${id}/results/` });
  for await (const { Contents = [] } of pages) {
    for (const { Key = '' } of Contents) {
      if (/\/SUCCEEDED_\d+\.jsonl?$/.test(Key)) yield* await linesOf(aws, bucket, Key) as Ended[];
      if (/\/FAILED_\d+\.jsonl?$/.test(Key)) yield* (await linesOf(aws, bucket, Key)).flatMap(ofFailedChild);
    }
  }
}

async function linesOf(aws: Aws, Bucket: string, Key: string): Promise<any[]> {
  const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket, Key }));
  const text = await Body!.transformToString();
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

/** A child that failed or took too long: some of its objects may have been copied, and are found by the next import. */
function ofFailedChild({ Input, Error: name, Cause }: { Input: string; Error?: string; Cause?: string }): Ended[] {
  const { Items } = JSON.parse(Input);
  const reason = `the batch ended early: ${name ?? 'States.Timeout'}: ${Cause ?? ''}; import again`;
  return Items.map((item: Ended) => (item.outcome ? item : { ...item, outcome: 'failed', reason }));
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function sorted(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
