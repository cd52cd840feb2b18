/** The page's style. All colours are here: text has a contrast of 4.5 to 1 at least, bars of 3 to 1. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #fbfbfa; --card: #ffffff; --ink: #1c2024; --soft: #5a636d; --line: #dfe2e6; --link: #0b57d0;
  --good: #12703f; --good-ground: #e7f5ec; --bad: #b3261e; --bad-ground: #fdecea;
  --c0: #2563c9; --c1: #c2570c; --c2: #0f7b6c; --c3: #8b3fc0; --c4: #bf2760; --c5: #7a6a00; --c6: #6b7280;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #131619; --card: #1b1f23; --ink: #e8eaed; --soft: #a5adb6; --line: #343a41; --link: #8ab4f8;
    --good: #7ddba3; --good-ground: #14301f; --bad: #ff9d94; --bad-ground: #3b1a18;
    --c0: #6ea8fe; --c1: #f0975a; --c2: #4fd1bd; --c3: #c58af9; --c4: #f783ac; --c5: #d6c441; --c6: #9aa3ad;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 1080px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 32px; }
footer { padding-bottom: 48px; color: var(--soft); font-size: 14px; }
h1 { margin: 0; font-size: 30px; line-height: 1.2; letter-spacing: -0.01em; }
h2 { margin: 44px 0 12px; font-size: 21px; }
h3 { margin: 0 0 8px; font-size: 16px; }
p { margin: 8px 0; }
a { color: var(--link); }
code { font: 13px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
.note, .facts { color: var(--soft); font-size: 14px; }
.verdict { margin: 20px 0 0; padding: 14px 18px; border-radius: 10px; font-size: 18px; font-weight: 600; }
.good { color: var(--good); background: var(--good-ground); }
.bad { color: var(--bad); background: var(--bad-ground); }
.todo { margin: 12px 0 0; padding: 0; list-style: none; display: grid; gap: 8px; }
.todo li, .step, figure, .scroll, details.card { background: var(--card); border: 1px solid var(--line);
  border-radius: 10px; }
.todo li { padding: 12px 16px; }
.flow { display: grid; grid-template-columns: repeat(5, 1fr); gap: 26px; margin: 0; padding: 0; list-style: none; }
.step { position: relative; padding: 12px 14px; }
.step + .step::before { content: "→"; position: absolute; left: -21px; top: calc(50% - 12px); color: var(--soft); }
.step strong { display: block; font-size: 26px; line-height: 1.25; font-variant-numeric: tabular-nums; }
.step .name { font-weight: 600; }
.step.alert { border-color: var(--bad); box-shadow: inset 4px 0 var(--bad); }
.step ul { margin: 4px 0 0; padding: 0; list-style: none; font-size: 14px; color: var(--soft); }
.step ul .alert { color: var(--bad); font-weight: 600; }
.charts { display: grid; grid-template-columns: 1fr; gap: 16px; }
figure { margin: 0; padding: 16px 18px 12px; }
figure svg { overflow: visible; max-width: 100%; height: auto; }
.narrow { display: none; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 0 0 4px; padding: 0; list-style: none;
  font-size: 14px; }
.swatch { display: inline-block; width: 11px; height: 11px; margin-right: 6px; border-radius: 3px; }
.c0 { background: var(--c0); } .c1 { background: var(--c1); } .c2 { background: var(--c2); }
.c3 { background: var(--c3); } .c4 { background: var(--c4); } .c5 { background: var(--c5); }
.c6 { background: var(--c6); }
.scroll { overflow-x: auto; margin: 8px 0; }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
th, td { padding: 8px 14px; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
tbody tr:last-child td { border-bottom: 0; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
td { white-space: nowrap; }
td code { display: block; min-width: 200px; white-space: normal; }
.reason { min-width: 260px; white-space: normal; }
.reason p:first-child { margin-top: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
summary { cursor: pointer; padding: 6px 2px; }
details.card { padding: 6px 16px; margin: 8px 0; }
details.card > summary { font-weight: 600; }
details details { margin-left: 14px; }
.tree, .tree ul { margin: 0; padding-left: 20px; list-style: none; border-left: 1px solid var(--line);
  font-size: 14px; }
.tree { margin: 0 0 10px 8px; }
.tree li { padding: 3px 0; }
.mark { display: inline-block; padding: 0 7px; border-radius: 6px; font-size: 12px; font-weight: 600;
  border: 1px solid var(--line); color: var(--soft); }
.mark.good, .mark.bad { border-color: transparent; }
.mark.good { color: var(--good); } .mark.bad { color: var(--bad); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 4px; }
@media (max-width: 760px) {
  header, main, footer { padding-left: 14px; padding-right: 14px; }
  h1 { font-size: 24px; }
  .flow { grid-template-columns: 1fr; }
  .step + .step::before { content: "↓"; left: calc(50% - 6px); top: -26px; }
  .wide { display: none; }
  .narrow { display: block; }
}
@media print { details > * { display: block; } }
`;
