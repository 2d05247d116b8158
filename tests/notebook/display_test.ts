import assert from "node:assert/strict";
import * as dfd from "danfojs-node";
import { Window } from "happy-dom";
import { join } from "node:path";
import { ledger, readLedger } from "braid/evaluation/ledger.ts";
import { type Displayable, LEDGER_TYPE, liveLine, markdown, showLedger, table } from "braid/notebook/display.ts";
import { broadcasts, bundleOf } from "./fake_kernel.ts";

const later = (milliseconds: number) => new Promise((resume) => setTimeout(resume, milliseconds));
const lines = (view: Displayable) => (bundleOf(view)["text/markdown"] as string).split("\n");

Deno.test("table() has a row for each record, numbers to the right", () => {
  const records = [{ part: "encoder", parameters: 1234567, share: 0.123456 }, {
    part: "head",
    parameters: 8,
    share: 1,
  }];
  assert.deepEqual(lines(table(records)), [
    "| part | parameters | share |",
    "|---|---:|---:|",
    "| encoder | 1,234,567 | 0.1235 |",
    "| head | 8 | 1 |",
  ]);
  assert.equal(bundleOf(table(records))["text/plain"], bundleOf(table(records))["text/markdown"]);
});

Deno.test("table() takes a danfo data frame", () => {
  const frame = new dfd.DataFrame([{ shape: "star", pairs: 12 }, { shape: "cross", pairs: 2500 }]);
  assert.deepEqual(lines(table(frame)), ["| shape | pairs |", "|---|---:|", "| star | 12 |", "| cross | 2,500 |"]);
});

Deno.test("table() writes four digits of a fraction, whatever its size", () => {
  const numbers = [123456.789, 0.5, -1e-9 / 3, 6.02214076e23, -2, NaN, Infinity];
  const written = ["123500", "0.5", "-3.333e-10", "602,214,076,000,000,000,000,000", "-2", "NaN", "Infinity"];
  assert.deepEqual(lines(table(numbers.map((value) => ({ value })))).slice(2), written.map((text) => `| ${text} |`));
});

Deno.test("table() keeps what would break a row out of it", () => {
  const rows = [{ "a|b": "p(x|y)\nand more", gone: null, none: undefined, yes: true, widths: [3, 8] }];
  assert.deepEqual(lines(table(rows)), [
    "| a\\|b | gone | none | yes | widths |",
    "|---|---|---|---|---|",
    "| p(x\\|y) and more |  |  | true | 3,8 |",
  ]);
});

Deno.test("table() finds values by their names, and a column with one text is text", () => {
  const rows = [{ a: 1, b: 2 }, { b: "two", a: 3 }, { a: 5 }];
  assert.deepEqual(lines(table(rows)), ["| a | b |", "|---:|---|", "| 1 | 2 |", "| 3 | two |", "| 5 |  |"]);
});

Deno.test("table() shows so many rows and counts the rest", () => {
  const rows = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));
  assert.equal(lines(table(rows(12))).length, 14);
  assert.deepEqual(lines(table(rows(13))).slice(-3), ["| 11 |", "", "and 1 more row"]);
  assert.deepEqual(lines(table(rows(5000), { limit: 1 })), ["| n |", "|---:|", "| 0 |", "", "and 4,999 more rows"]);
});

Deno.test("table() has pages where somebody looks on, and turns them", () => {
  const rows = Array.from({ length: 30 }, (_, n) => ({ n, name: `<b>${n}` }));
  const html = bundleOf(table(rows, { limit: 12 }))["text/html"];
  const window = new Window({
    settings: { enableJavaScriptEvaluation: true, suppressInsecureJavaScriptEnvironmentWarning: true },
  });
  window.document.write(`<body>${html}</body>`);
  const { document } = window;
  const seen = () => [...document.querySelectorAll("tbody:not([hidden]) td:first-child")].map((td) => td.textContent);
  const [back, on] = [...document.querySelectorAll("button")],
    words = () => document.querySelector("span")!.textContent;
  assert.deepEqual([seen().length, words(), back.disabled], [12, "rows 1 to 12 of 30", true]);
  on.click();
  on.click();
  assert.deepEqual([seen(), words(), on.disabled], [["24", "25", "26", "27", "28", "29"], "rows 25 to 30 of 30", true]);
  back.click();
  assert.equal(words(), "rows 13 to 24 of 30");
  assert.equal(document.querySelectorAll("b").length, 0);
});

Deno.test("table() shows its first page where no script runs, and at most 1,000 rows", () => {
  const window = new Window(), rows = Array.from({ length: 1500 }, (_, n) => ({ n }));
  window.document.write(`${bundleOf(table(rows))["text/html"]}`);
  assert.equal(window.document.querySelectorAll("tbody:not([hidden]) tr").length, 12);
  assert.equal(window.document.querySelectorAll("tbody tr").length, 1000);
  assert.match(window.document.querySelector("p")!.textContent, /and 500 more/);
});

Deno.test("table() is Markdown alone if all rows are seen, or the notebook is to be committed", () => {
  const rows = Array.from({ length: 13 }, (_, n) => ({ n })), types = ["text/markdown", "text/plain"];
  assert.deepEqual(Object.keys(bundleOf(table(rows, { limit: 13 }))), types);
  Deno.env.set("BRAID_RENDER", "commit");
  try {
    assert.deepEqual(Object.keys(bundleOf(table(rows))), types);
  } finally {
    Deno.env.delete("BRAID_RENDER");
  }
});

Deno.test("table() says so when there is no row", () => {
  assert.deepEqual(lines(table([])), ["no rows"]);
  assert.deepEqual(lines(table({ columns: ["a"], values: [] })), ["no rows"]);
});

Deno.test("showLedger() holds a table for people and the ledger for machines", async () => {
  const claims = ledger([{
    claim: {
      id: "shared",
      statement: "It keeps what is shared.",
      source: "table 1",
      unit: "%",
      published: { value: 99 },
      protocol: "100 epochs",
      criterion: { kind: "near", margin: 2, chance: 10 },
    },
    measured: { values: [98, 99.5, 98.7], seeds: [1, 2, 3], unit: "%", from: "a notebook", protocol: "quick" },
  }]);
  const shown = bundleOf(showLedger(claims)), path = join(await Deno.makeTempDir(), "ledger.json");
  await Deno.writeTextFile(path, JSON.stringify(shown[LEDGER_TYPE]));
  assert.deepEqual((await readLedger(path)).toRows(), claims.toRows());
  assert.match(
    shown["text/markdown"] as string,
    /^\| claim \|.*\n(.*\n)*\| It keeps what is shared\. .*\*\*reproduced\*\*/,
  );
  assert.match(shown["text/plain"] as string, /^claim +published .*\nshared +99\.0 % /);
});

Deno.test("markdown() shows its text as it is", () => {
  assert.deepEqual(bundleOf(markdown("**a** | b")), { "text/markdown": "**a** | b", "text/plain": "**a** | b" });
});

Deno.test("liveLine() writes one line anew, at most twice a second, and its end in any case", async () => {
  using kernel = broadcasts();
  const line = liveLine();
  await line.update("first");
  await later(100);
  await line.update("too soon");
  await later(420);
  await line.update("second");
  await line.end("last");
  const texts = kernel.sent.map(({ type, content: { data } }) => `${type}: ${data["text/plain"]}`);
  assert.deepEqual(texts, ["display_data: first", "update_display_data: second", "update_display_data: last"]);
  const ids = new Set(kernel.sent.map(({ content }) => content.transient.display_id));
  assert.equal(ids.size, 1);
});

Deno.test("two live lines do not overwrite each other, and an end alone is shown", async () => {
  using kernel = broadcasts();
  await liveLine().end("one");
  await liveLine().end("two");
  assert.deepEqual(kernel.sent.map(({ type }) => type), ["display_data", "display_data"]);
  assert.notEqual(kernel.sent[0].content.transient.display_id, kernel.sent[1].content.transient.display_id);
});

Deno.test("liveLine() shows nothing outside of a kernel", async () => {
  const line = liveLine();
  await line.update("first");
  await line.end("last");
});
