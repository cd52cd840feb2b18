import { Version } from './graph';
import { counted } from '../../words';
import { local } from '../output';

/** What a person sees of the asked object. */
export interface Shown {
  /** The key that was asked for. */
  readonly asked: string;
  /** Name of a dataset's table. */
  table(dataset: string): string;
}

interface Line {
  readonly text: string;
  readonly below: readonly Line[];
}

/** Versions as a tree, by the key that was uploaded. */
export function treeOf(versions: readonly Version[], { asked, table }: Shown): string {
  const keys = [...new Set(versions.map(({ key }) => key))];
  const mark = (key: string) => (key === asked ? '  ← asked' : '');
  return keys.flatMap((key) => drawn({
    text: `${key}${mark(key)}`,
    below: versions.filter((version) => version.key === key).map((version) => lineOf(version, factsOf(version))),
  })).join('\n');

  function lineOf(version: Version, text: string): Line {
    const made = version.made.map((each) => lineOf(each, `${each.key}: ${factsOf(each)}${mark(each.key)}`));
    const inTable = tableOf(version, table);
    const notes = [...notesOf(version), ...inTable ? [`table ${inTable}`] : []];
    return { text, below: [...notes.map((note) => ({ text: note, below: [] })), ...made] };
  }
}

/** The table in which a version's rows are; undefined if they are in none. */
export function tableOf({ item }: Version, table: (dataset: string) => string): string | undefined {
  const isThere = item?.layer === 'analytics-ready' && item.status === 'SUCCEEDED' && item.dataset;
  return isThere ? table(isThere) : undefined;
}

/** What happened to a version, in words. */
export function factsOf({ item }: Version): string {
  if (!item) return 'written, and waits for the next stage';
  const isRaw = item.layer === 'raw';
  const facts = [
    item.status,
    isRaw && item.uploaded_at && `uploaded ${local(item.uploaded_at)}`,
    item.rows_out !== undefined && counted(item.rows_out, 'row'),
    item.values_rescued && `${counted(item.values_rescued, 'value')} rescued`,
    item.rows_short && counted(item.rows_short, 'short row'),
    isRaw && item.schema_version && `schema version ${item.schema_version}`,
    isRaw && `version ${item.version}`,
  ];
  return facts.filter(Boolean).join(', ');
}

/** Why a version has no rows in a table. */
export function notesOf({ item }: Version): string[] {
  if (item?.error) return [item.error.message];
  return item?.status === 'SUPERSEDED' && item.layer === 'raw' ? ['a newer version has replaced it'] : [];
}

function drawn({ text, below }: Line): string[] {
  return [text, ...below.flatMap((line, at) => {
    const isLast = at === below.length - 1;
    const [first, ...others] = drawn(line);
    return [`${isLast ? '└─' : '├─'} ${first}`, ...others.map((each) => `${isLast ? '  ' : '│ '} ${each}`)];
  })];
}
