/** Style of a notebook's page: one column of text, code and figures; follows the reader's light or dark theme. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1f2328; --muted: #59636e; --line: #d1d9e0; --panel: #f6f8fa; --link: #0550ae;
  --error: #a40e26; --error-panel: #fff1f0; --warning-panel: #fff8e5;
  --keyword: #8f1d2f; --string: #0a3069; --number: #0550ae; --comment: #59636e; --name: #6639ba; --type: #7a3e00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171c; --ink: #dfe3e8; --muted: #9aa4af; --line: #373e47; --panel: #1d2128; --link: #79b8ff;
    --error: #ff9a92; --error-panel: #2d1719; --warning-panel: #2b2413;
    --keyword: #ff8f87; --string: #a5d6ff; --number: #79c0ff; --comment: #9aa4af; --name: #d2a8ff; --type: #ffb27a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2.5rem 1.25rem 5rem; max-width: 52rem; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.6 Charter, "Bitstream Charter", "Source Serif 4", Georgia, serif; overflow-wrap: break-word;
}
h1, h2, h3, h4 { font-family: system-ui, sans-serif; line-height: 1.25; margin: 2.2em 0 0.6em; text-wrap: balance; }
h1 { font-size: 2rem; margin-top: 0; }
h2 { font-size: 1.45rem; border-bottom: 1px solid var(--line); padding-bottom: 0.25em; }
h3 { font-size: 1.15rem; }
a { color: var(--link); text-underline-offset: 0.15em; }
blockquote { margin: 1em 0; padding: 0 1em; border-left: 0.25em solid var(--line); color: var(--muted); }
pre, code { font: 0.84rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
:not(pre) > code { background: var(--panel); border-radius: 4px; padding: 0.12em 0.3em; }
pre { margin: 0; padding: 0.75em 1em; overflow-x: auto; border-radius: 6px; tab-size: 2; }
.text pre, .code > pre { background: var(--panel); border: 1px solid var(--line); }
.cell { margin: 1.1em 0; }
.code { position: relative; }
.code > .number {
  position: absolute; right: 100%; top: 0.8em; margin-right: 0.75em; color: var(--muted);
  font: 0.75rem ui-monospace, monospace; white-space: nowrap;
}
.output { margin-top: 0.5em; }
.output pre { padding-block: 0.35em; max-height: 36rem; overflow-y: auto; border-radius: 0; border-left: 3px solid var(--line); }
.output pre.stderr { background: var(--warning-panel); }
.output pre.error { background: var(--error-panel); color: var(--error); }
.output img { display: block; max-width: 100%; height: auto; margin: 0 auto; background: #fff; border-radius: 8px; }
.output img { padding: 6px; }
figure { margin: 0; }
.output figure > div { width: fit-content; max-width: 100%; margin: 0 auto; overflow-x: auto; }
.html { overflow-x: auto; }
table { border-collapse: collapse; margin: 1em auto; font: 0.9rem/1.4 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
th, td { padding: 0.35em 0.8em; border-bottom: 1px solid var(--line); text-align: left; }
thead th { border-bottom: 2px solid var(--muted); }
math { font-size: 1.08em; }
math[display="block"] { margin: 1em 0; overflow-x: auto; overflow-y: hidden; }
.hljs-keyword, .hljs-literal { color: var(--keyword); }
.hljs-string, .hljs-regexp, .hljs-subst { color: var(--string); }
.hljs-number { color: var(--number); }
.hljs-comment { color: var(--comment); font-style: italic; }
.hljs-title, .hljs-attr, .hljs-property { color: var(--name); }
.hljs-built_in, .hljs-type, .hljs-meta { color: var(--type); }
@media (max-width: 60rem) { .code > .number { display: none; } }
@media print {
  :root { --paper: #fff; --ink: #000; --muted: #444; --line: #bbb; --panel: #f6f6f6; --link: #000; --error: #8b0000;
    --error-panel: #fff; --warning-panel: #fff; --keyword: #8f1d2f; --string: #0a3069; --number: #0550ae;
    --comment: #444; --name: #6639ba; --type: #7a3e00; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  pre { white-space: pre-wrap; }
  .output pre { max-height: none; }
  h1, h2, h3 { break-after: avoid; }
  figure, img, table, math[display="block"] { break-inside: avoid; }
}
`.trim();
