import assert from "node:assert/strict";
import { type Claim, percentOfSeeds } from "braid/evaluation/claim.ts";
import { ledger, readLedger, writeLedger } from "braid/evaluation/ledger.ts";
import type { Evidence } from "braid/evaluation/verdict.ts";

const claim = (id: string, rest: Pick<Claim, "statement" | "criterion" | "published">): Claim => ({
  id,
  source: "figure 3",
  unit: "%",
  protocol: "100 epochs, 5 seeds",
  ...rest,
});
const score = (value: number, half: number) =>
  ({ value, low: value - half, high: value + half, confidence: 0.95, n: 4094, over: "samples" }) as const;
const measured = (...values: number[]) =>
  percentOfSeeds(values.map((value, i) => ({ seed: 42 + i, score: score(value, 0.01) })), {
    from: "notebook 01",
    protocol: "quick",
  });

const evidence: Evidence[] = [
  {
    claim: claim("cross-synergy", {
      statement: "Cross-modal training is blind to synergy.",
      published: { value: 50, spread: 0 },
      criterion: { kind: "at-chance", chance: 50, margin: 1 },
    }),
    measured: measured(0.5, 0.501, 0.499),
  },
  {
    claim: claim("comm-over-cross", {
      statement: "CoMM keeps more of what is unique | than Cross.",
      published: { value: 87.8, spread: 1.6 },
      criterion: { kind: "ordering", than: "Cross", published: { value: 11.6, spread: 0.9 } },
    }),
    measured: measured(0.69),
    against: measured(0.41),
  },
  {
    claim: claim("comm-synergy", {
      statement: "CoMM learns synergy.",
      published: { value: 71.9, spread: 2 },
      criterion: { kind: "above-chance", chance: 50 },
    }),
    measured: { reason: "synergy appears after 20 epochs", needs: "the paper preset on a GPU" },
  },
];

const folder = await Deno.makeTempDir();
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

Deno.test("percentOfSeeds() keeps a bootstrap interval only for a single seed", () => {
  const one = measured(0.5);
  assert.deepEqual([one.values, one.seeds, one.unit], [[50], [42], "%"]);
  assert.ok(Math.abs(one.interval!.low! - 49) < 1e-9);
  assert.deepEqual(measured(0.5, 0.25).values, [50, 25]);
  assert.equal("interval" in measured(0.5, 0.25), false);
  assert.throws(() => measured(), /at least one seed, got none/);
});

Deno.test("ledger() counts the verdicts that follow from its numbers", () => {
  const { counts, entries } = ledger(evidence);
  assert.deepEqual(entries.map(({ verdict }) => verdict), ["reproduced", "weaker", "not testable here"]);
  assert.deepEqual(counts, { "reproduced": 1, "weaker": 1, "not reproduced": 0, "not testable here": 1 });
});

Deno.test("a ledger's text is an aligned table that states what an interval is over", () => {
  const lines = ledger(evidence).toText().split("\n"), rows = [lines[0], lines[1], lines[4], lines[7]];
  const column = lines[0].indexOf("published");
  assert.ok(rows.every((row) => row[column - 1] === " " && row[column] !== " "), lines.join("\n"));
  assert.match(lines[1], /^cross-synergy +50\.0 ± 0\.0 % +50\.0 \[49\.8, 50\.2\] % +3 seeds +reproduced$/);
  assert.match(lines[4], /87\.8 ± 1\.6 % > 11\.6 ± 0\.9 % +69\.0 \[68\.0, 70\.0\] % +1 seed, 4094 samples +weaker$/);
  assert.match(lines[6], /the difference to Cross is 28\.0 \[26\.6, 29\.4\], less than half the published 76\.2/);
  assert.match(lines[9], /synergy appears after 20 epochs; needs the paper preset on a GPU/);
  assert.match(
    lines[10],
    /^1 reproduced, 1 weaker, 0 not reproduced, 1 not testable here\. .*one seed over test samples/,
  );
});

Deno.test("a ledger's Markdown is one table whose cells hold no bar", () => {
  const lines = ledger(evidence).toMarkdown().split("\n").filter((line) => line.startsWith("|"));
  assert.equal(lines.length, 5);
  for (const line of lines) assert.equal(line.replaceAll("\\|", "").split("|").length, 8, line);
});

Deno.test("a ledger's rows are flat, with null where nothing was measured", () => {
  const rows = ledger(evidence).toRows();
  assert.deepEqual([rows[1].id, rows[1].value, rows[1].seeds, rows[1].verdict], ["comm-over-cross", 69, 1, "weaker"]);
  assert.deepEqual([rows[2].value, rows[2].low, rows[2].high, rows[2].seeds], [null, null, null, 0]);
  rows.forEach((row) =>
    Object.values(row).forEach((cell) => assert.ok(cell === null || ["string", "number"].includes(typeof cell)))
  );
});

Deno.test("a written ledger is read back the same, keys in the same order whatever the order they came in", async () => {
  const path = `${folder}/sub/ledger.json`,
    shuffled = evidence.map(({ claim, ...rest }) => ({
      ...rest,
      claim: Object.fromEntries(Object.entries(claim).reverse()) as Claim,
    }));
  await writeLedger(path, ledger(evidence));
  const text = await Deno.readTextFile(path), again = await readLedger(path);
  assert.deepEqual(JSON.parse(JSON.stringify(again)), JSON.parse(text));
  await writeLedger(path, ledger(shuffled));
  assert.equal(await Deno.readTextFile(path), text);
  assert.deepEqual([...Deno.readDirSync(`${folder}/sub`)].map(({ name }) => name), ["ledger.json"]);
});

Deno.test("readLedger() refuses a verdict that does not follow from the numbers", async () => {
  const path = `${folder}/altered.json`, text = JSON.stringify(ledger(evidence));
  await Deno.writeTextFile(path, text.replace('"verdict":"weaker"', '"verdict":"reproduced"'));
  await assert.rejects(readLedger(path), {
    name: "InvalidFileError",
    message: /verdict on comm-over-cross in .*altered\.json to be "weaker" as its numbers give, got "reproduced"/,
  });
});

Deno.test("readLedger() says which file is wrong and where", async () => {
  const path = `${folder}/wrong.json`, content = ledger(evidence).toJSON();
  const rejects = async (text: string, message: RegExp) => {
    await Deno.writeTextFile(path, text);
    await assert.rejects(readLedger(path), { name: "InvalidFileError", message });
  };
  await rejects("", /wrong\.json to be a claims ledger, got an empty file/);
  await rejects("{", /wrong\.json to be a claims ledger, got text that is not JSON/);
  await rejects("[]", /wrong\.json/);
  await rejects(JSON.stringify({ ...content, format: "ledger 0" }), /format: /);
  const [first, ...others] = content.claims;
  await rejects(
    JSON.stringify({ ...content, claims: [{ ...first, verdict: "great" }, ...others] }),
    /claims\.0\.verdict: /,
  );
  await rejects(JSON.stringify({ ...content, claims: [first, first] }), /cannot be judged: .*cross-synergy twice/);
  await assert.rejects(readLedger(`${folder}/none.json`), /none\.json to be a claims ledger, got no such file/);
});

Deno.test("ledger() refuses no claims, and two of the same name", () => {
  assert.throws(() => ledger([]), /at least one claim, got none/);
  assert.throws(() => ledger([evidence[0], evidence[0]]), /its own id, got cross-synergy twice/);
});
