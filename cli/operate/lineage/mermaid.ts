import { Version } from './graph';
import { factsOf, notesOf, Shown, tableOf } from './tree';

/** Colours that are told apart on a light and on a dark page. */
const CLASSES = [
  'classDef bad stroke:#c0392b,stroke-width:3px',
  'classDef old stroke-dasharray:4',
  'classDef asked stroke-width:4px',
];
const BAD = ['FAILED', 'REJECTED'];

/** Versions as a flowchart, to be read by https://mermaid.js.org. */
export function mermaidOf(versions: readonly Version[], { asked, table }: Shown): string {
  const lines: string[] = [];
  const tables = new Map<string, string>();
  let count = 0;
  versions.forEach((version) => add(version));
  return ['flowchart LR', ...lines, ...CLASSES].map((line, at) => (at ? `  ${line}` : line)).join('\n');

  function add(version: Version): string {
    const id = `v${count++}`;
    const text = [version.key, factsOf(version), ...notesOf(version)].map(escaped).join('<br>');
    lines.push(`${id}["${text}"]`);
    const classes = classesOf(version, asked);
    if (classes.length) lines.push(...classes.map((each) => `class ${id} ${each}`));
    for (const made of version.made) lines.push(`${id} --> ${add(made)}`);
    const name = tableOf(version, table);
    if (name) lines.push(`${id} --> ${tableId(name)}`);
    return id;
  }

  function tableId(name: string): string {
    const id = tables.get(name) ?? `t${tables.size}`;
    if (!tables.has(name)) lines.push(`${id}[("${escaped(name)}")]`);
    tables.set(name, id);
    return id;
  }
}

function classesOf({ key, item }: Version, asked: string): string[] {
  const classes = [
    BAD.includes(item?.status ?? '') && 'bad',
    item?.status === 'SUPERSEDED' && 'old',
    key === asked && 'asked',
  ];
  return classes.filter((each) => each !== false);
}

/** Mermaid's entities are numbers between # and ;. A key may have any character. */
const escaped = (text: string): string => text.replace(/[^\w ./=:,()-]/gu, (each) => `#${each.codePointAt(0)};`);
