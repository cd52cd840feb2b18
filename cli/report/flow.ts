import { inLayer, number } from './figures';
import { Html, html } from './html';
import { State } from './state';
import { StageStatus } from '../operate/status';
import { counted } from '../words';

interface Step {
  readonly name: string;
  readonly figure: string;
  readonly facts: readonly (readonly [text: string, isAlert?: boolean])[];
}

/** The way of the data from the uploads to the tables, with what waits and what failed on it. */
export function flow(state: State): Html {
  const [raw, json, parquet] = ['raw', 'processed', 'analytics-ready'].map((layer) => (
    inLayer(state, layer).map(({ item }) => item)));
  const count = (items: typeof raw, ...statuses: string[]) => (
    items.filter(({ status }) => statuses.includes(status)).length);
  const present = parquet.filter(({ status }) => status === 'SUCCEEDED');
  const tables = new Set(present.map(({ object, dataset }) => `${object.split('#', 1)[0]} ${dataset}`));
  const rows = present.reduce((sum, { rows_out }) => sum + (rows_out ?? 0), 0);
  const refused = count(raw, 'REJECTED', 'FAILED');
  const [csv, transform] = state.status.stages;
  return html`<ol class="flow">${[
    step({
      name: 'Uploads',
      figure: number(raw.length),
      facts: [
        ...refused ? [[`${number(refused)} rejected or failed`, true] as const] : [],
        [`${number(count(raw, 'SUPERSEDED'))} replaced by newer versions`],
      ],
    }),
    stage('CSV to JSON', csv),
    step({ name: 'JSON files', figure: number(count(json, 'SUCCEEDED')), facts: [] }),
    stage('JSON to Parquet', transform),
    step({
      name: 'Rows to query',
      figure: number(rows),
      facts: [
        [`${number(present.length)} Parquet files`], [`${number(tables.size)} tables`],
      ],
    }),
  ]}</ol>`;
}

function stage(name: string, found: StageStatus): Html {
  const { waiting, inFlight, deadLetters, running, failedRuns } = found;
  return step({
    name,
    figure: waiting ? `${number(waiting)} wait` : 'idle',
    facts: [
      [`${number(inFlight)} in flight, ${number(running)} running`],
      [counted(deadLetters, 'dead letter'), deadLetters > 0],
      ...failedRuns.length ? [[counted(failedRuns.length, 'failed run'), true] as const] : [],
    ],
  }, inFlight || running ? 'busy' : undefined);
}

function step({ name, figure, facts }: Step, instead?: string): Html {
  const isAlert = facts.some(([, isBad]) => isBad);
  return html`<li class="step${isAlert && ' alert'}"><span class="name">${name}</span><strong>${
    figure === 'idle' && instead ? instead : figure}</strong><ul>${
    facts.map(([text, isBad]) => html`<li${isBad && html` class="alert"`}>${text}</li>`)}</ul></li>`;
}
