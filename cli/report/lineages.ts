import { Html, html } from './html';
import { State } from './state';
import { rootsOf, Version } from '../operate/lineage/graph';
import { factsOf, notesOf } from '../operate/lineage/tree';
import { local } from '../operate/output';
import { counted } from '../words';

/** Uploads of each customer whose lineage the page has. */
const MOST = 25;

/** For each customer, what became of the newest uploads. */
export function lineages(state: State): Html {
  const found = state.customers.filter(({ items }) => items.length);
  if (!found.length) return html`<p>Nothing has been uploaded yet.</p>`;
  return html`${found.map(({ customer, items }) => {
    const roots = rootsOf(items).filter(({ item }) => item?.layer === 'raw');
    const shown = roots.slice(0, MOST);
    return html`<details class="card"><summary>${customer}: ${counted(roots.length, 'upload')}</summary>
${shown.map(upload)}${roots.length > MOST && html`<p class="note">The newest ${MOST}. For any other:
<code>npx modern-data-lake lineage &lt;key&gt; --customer ${customer}</code></p>`}</details>`;
  })}`;
}

function upload(version: Version): Html {
  return html`<details><summary><code>${version.key}</code> ${mark(version)}</summary>
<ul class="tree">${branch(version)}</ul></details>`;
}

function branch(version: Version): Html {
  const notes = notesOf(version).map((note) => html`<li>${note}</li>`);
  const below = [...notes, ...version.made.map(branch)];
  return html`<li><code>${version.key}</code><br>${factsOf(version)}${
    below.length > 0 && html`<ul>${below}</ul>`}</li>`;
}

function mark({ item }: Version): Html {
  const status = item?.status ?? '';
  const kind = status === 'SUCCEEDED' ? ' good' : ['REJECTED', 'FAILED'].includes(status) && ' bad';
  return html`<span class="mark${kind}">${status.toLowerCase()}</span>
<span class="note">${local(item?.uploaded_at)}</span>`;
}
