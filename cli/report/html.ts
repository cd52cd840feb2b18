/** Markup that may stand in the page as it is. */
export class Html {
  constructor(readonly text: string) {}
}

type Content = Html | string | number | false | undefined | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;',
};

/** Markup around values. A value is escaped unless it is markup itself: a key may contain `<script>`. */
export function html(parts: TemplateStringsArray, ...values: Content[]): Html {
  return new Html(parts.map((part, at) => (at ? written(values[at - 1]) : '') + part).join(''));
}

function written(value: Content): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(written).join('');
  return String(value).replace(/[&<>"']/g, (each) => ENTITIES[each]);
}

/** A column of a table: its head, and whether it has numbers. */
export type Column = readonly [head: string, isNumber?: boolean];

/** A table of at most `most` rows, which scrolls sideways by keyboard too where the screen is narrow. */
export function table(caption: string, columns: readonly Column[], rows: readonly Content[][], most = Infinity): Html {
  const shape = ([, isNumber]: Column) => (isNumber ? html` class="number"` : '');
  const more = rows.length - most;
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<thead><tr>${columns.map((column) => html`<th scope="col"${shape(column)}>${column[0]}</th>`)}</tr></thead>
<tbody>${rows.slice(0, most).map((row) => html`<tr>${
  row.map((cell, at) => html`<td${shape(columns[at])}>${cell}</td>`)}</tr>`)}</tbody>
</table></div>${more > 0 && html`
<p class="note">The newest ${most}. There are ${more.toLocaleString('en-US')} more.</p>`}`;
}

/** Part of the page that unfolds. */
export function folded(summary: Content, content: Content): Html {
  return html`<details><summary>${summary}</summary>${content}</details>`;
}
