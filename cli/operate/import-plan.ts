/** S3 copies at most 5 GB at once, as it counts them, and takes no more in one PUT. */
export const MOST_BYTES = 5 * 1024 ** 3;
const ARCHIVED = ['GLACIER', 'DEEP_ARCHIVE'];

/** An object or file as it was found. */
export interface Line {
  readonly from: string;
  readonly bytes: number;
  readonly etag?: string;
  readonly uploadedAt: string;
  readonly storageClass?: string;
}

export const OUTCOMES = ['copied', 'there already', 'skipped', 'failed'] as const;
export type Outcome = typeof OUTCOMES[number];

/** An object, where it goes, and what became of it; one without an outcome is to be copied. */
export interface Planned extends Omit<Line, 'storageClass'> {
  readonly to?: string;
  readonly outcome?: Outcome;
  readonly reason?: string;
}

/** An object of which the outcome is known. */
export type Ended = Planned & { readonly outcome: Outcome };

/** Folders of the source, and the dataset of each; undefined if folders below them have the names of the datasets. */
export type Folders = ReadonlyMap<string, string | undefined>;

/** Decides for one object after the other, so that a source of any size is listed in little memory. */
export class Plan {
  /** Only two folders of one dataset can make two objects one. */
  private readonly taken?: Map<string, string>;
  private readonly prefixes: readonly string[];

  constructor(private readonly folders: Folders, private readonly since?: string) {
    this.prefixes = [...folders.keys()].sort((a, b) => b.length - a.length); // the longest that fits counts
    if (new Set(folders.values()).size < folders.size) this.taken = new Map();
  }

  public of({ storageClass, ...line }: Line): Planned {
    const to = this.target(line.from);
    const planned = { ...line, to };
    if (to === undefined) return { ...planned, outcome: 'skipped', reason: 'in no folder of --map' };
    if (line.from.endsWith('/') && !line.bytes) return { ...planned, outcome: 'skipped', reason: 'a folder\'s marker' };
    if (this.since && line.uploadedAt < this.since) {
      return { ...planned, outcome: 'skipped', reason: `older than ${this.since}` };
    }
    const problem = this.problem(planned, to, storageClass);
    return problem ? { ...planned, outcome: 'failed', reason: problem } : planned;
  }

  private target(key: string): string | undefined {
    const prefix = this.prefixes.find((each) => key.startsWith(each));
    if (prefix === undefined) return undefined;
    const dataset = this.folders.get(prefix);
    return `raw/${dataset ? `${dataset}/` : ''}${key.slice(prefix.length)}`;
  }

  private problem({ from, bytes }: Planned, to: string, storageClass?: string): string | undefined {
    if (storageClass && ARCHIVED.includes(storageClass)) {
      return `it is archived (${storageClass}): restore it, then import again`;
    }
    if (bytes > MOST_BYTES) return `it has ${bytes} bytes, at most ${MOST_BYTES} are copied: split it, or upload it`;
    const other = this.taken?.get(to);
    this.taken?.set(to, other ?? from);
    return other && `${to} is made of ${other} already: give one of them another dataset`;
  }
}

/** How many objects have come to an end, and how. */
export class Tally {
  public readonly counts: Record<Outcome, number> = { 'copied': 0, 'there already': 0, 'skipped': 0, 'failed': 0 };
  /** Objects by the month of their first upload, of those that are in the lake. */
  public readonly months: Record<string, number> = {};
  public bytesCopied = 0;

  public add({ outcome, bytes, uploadedAt }: Ended): void {
    this.counts[outcome] += 1;
    if (outcome === 'copied') this.bytesCopied += bytes;
    if (outcome !== 'copied' && outcome !== 'there already') return;
    const month = uploadedAt.slice(0, 7);
    this.months[month] = (this.months[month] ?? 0) + 1;
  }

  public get all(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }
}
