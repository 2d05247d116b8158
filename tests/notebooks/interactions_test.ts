// The walkthrough from bits to recorded data runs, and says what its numbers say.

import assert from "node:assert/strict";
import { join } from "node:path";
import { runWalkthrough } from "braid/cli/walkthrough.ts";
import { walkthroughs } from "braid/cli/walkthroughs.ts";
import type { Ledger } from "braid/evaluation/ledger.ts";
import {
  type AtomName,
  compareAtoms,
  readRecordedAtoms,
  recordedAtomsPath,
} from "braid/interactions/recorded_atoms.ts";
import { codeCells, readNotebook } from "braid/jupyter/notebook_file.ts";
import type { PlotlySpec } from "braid/plots/spec.ts";

const PLOTLY = "application/vnd.plotly.v1+json";

/** One run of the preset smoke, for all tests. */
const smoke = (() => {
  let run: Promise<{ ledger: Ledger; bundles: Record<string, unknown>[] }> | undefined;
  return () => run ??= runSmoke();
})();

async function runSmoke() {
  const folder = await Deno.makeTempDir();
  const ledger = await runWalkthrough(walkthroughs.interactions, folder, { preset: "smoke", set: {} });
  const cells = codeCells(await readNotebook(join(folder, "notebook.ipynb")));
  assert.deepEqual(cells.map(({ execution_count }) => execution_count), cells.map((_, i) => i + 1));
  const bundles = cells.flatMap(({ outputs }) => outputs).flatMap((output) => "data" in output ? [output.data] : []);
  return { ledger, bundles };
}

const figures = async () =>
  (await smoke()).bundles.filter((data) => PLOTLY in data).map((data) => data[PLOTLY] as PlotlySpec);

Deno.test("walkthrough interactions runs to its end, with figures that fit a notebook", async () => {
  const { bundles } = await smoke(), drawn = await figures();
  assert.ok(drawn.length >= 15, `${drawn.length} figures`);
  for (const data of bundles) assert.ok(JSON.stringify(data).length <= 100_000, `${data["text/plain"]}`.slice(0, 80));
});

Deno.test("two of its figures have a slider with a title for each position", async () => {
  const sliders = (await figures()).flatMap(({ layout }) =>
    (layout.sliders ?? []) as unknown as { steps: { args: [{ visible: boolean[] }, { "title.text": string }] }[] }[]
  );
  assert.deepEqual(sliders.map(({ steps }) => steps.length), [6, 2]);
  for (const { steps } of sliders) {
    assert.equal(new Set(steps.map(({ args }) => args[1]["title.text"])).size, steps.length);
    assert.ok(steps.every(({ args: [{ visible }] }) => visible.includes(true) && visible.includes(false)));
  }
});

Deno.test("what can be worked out by hand agrees with what is computed", async () => {
  const { bundles } = await smoke();
  const table = bundles.map((data) => `${data["text/markdown"]}`).find((text) => text.includes("largest difference"))!;
  const differences = [...table.matchAll(/\| (\d\S*e\S+) \|/g)].map(([, difference]) => Number(difference));
  assert.equal(differences.length, 6);
  assert.ok(differences.every((difference) => difference < 1e-6), `${differences}`);
});

Deno.test("its ledger has a verdict from five seeds on every claim", async () => {
  const { entries } = (await smoke()).ledger;
  assert.ok(entries.length >= 8);
  assert.ok(entries.every(({ measured }) => "values" in measured && measured.values.length === 5));
  assert.equal(entries.find(({ claim }) => claim.id === "bounds-hold")!.verdict, "reproduced");
});

Deno.test("what its prose says rose, fell or stayed is what is recorded: after a new run, read it again", async () => {
  const changes = async (data: string, target: string, atom: AtomName) => {
    const { measured } = await readRecordedAtoms(recordedAtomsPath(data));
    return Object.fromEntries(
      compareAtoms(measured, target).slice(2).map(({ method, atoms }) => [
        method,
        atoms[atom].change,
      ]),
    );
  };
  const heard = "seen and heard digits", views = "two views of digits";
  assert.deepEqual(await changes(heard, "digit", "redundancy"), {
    ...{ "Cross": "rose", "Cross+Self": "rose", "CoMM": "unclear", "GMC": "rose", "M3ixup": "unclear", "M3Co": "rose" },
  });
  assert.deepEqual(await changes(heard, "digit", "unique1"), {
    ...{ "Cross": "fell", "Cross+Self": "unclear", "CoMM": "fell", "GMC": "fell", "M3ixup": "fell", "M3Co": "fell" },
  });
  assert.deepEqual(await changes(heard, "digit", "unique2"), {
    ...{ "Cross": "rose", "Cross+Self": "unclear", "CoMM": "unclear", "GMC": "rose", "M3ixup": "rose", "M3Co": "rose" },
  });
  assert.deepEqual(await changes(heard, "speaker", "unique2"), {
    ...{ "Cross": "fell", "Cross+Self": "unclear", "CoMM": "unclear", "GMC": "fell", "M3ixup": "fell", "M3Co": "fell" },
  });
  assert.deepEqual(await changes(views, "digit", "redundancy"), {
    ...{
      "Cross": "fell",
      "Cross+Self": "unclear",
      "CoMM": "unclear",
      "GMC": "fell",
      "M3ixup": "fell",
      "M3Co": "unclear",
    },
  });
  assert.ok(Object.values(await changes(views, "digit", "unique1")).every((change) => change === "fell"));
  for (const data of [heard, views]) {
    assert.ok(Object.values(await changes(data, "digit", "synergy")).every((change) => change === "chance"));
  }
});
