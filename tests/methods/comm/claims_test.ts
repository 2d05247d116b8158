// Verdicts follow from recorded numbers alone.

import assert from "node:assert/strict";
import { join } from "node:path";
import type { Interval } from "braid/evaluation/interval.ts";
import { ledger } from "braid/evaluation/ledger.ts";
import type { LinearProbeResult } from "braid/evaluation/linear_probe.ts";
import { type RecordedRun, writeRecordedRun } from "braid/evaluation/recorded_run.ts";
import {
  curveOfRuns,
  finalProbe,
  type QuickProbes,
  readTrifeatureRuns,
  recordedScore,
  runsOf,
  scoreOfRuns,
  trifeatureEvidence,
} from "braid/methods/comm/claims.ts";

const interval = (value: number, halfWidth: number): Interval => ({
  ...{ value, low: value - halfWidth, high: value + halfWidth, confidence: 0.95, n: 4094, over: "samples" as const },
});

/** Final accuracies in percent of shape and first texture, and of the matching after training on biased pairs. */
type Scores = Record<string, [shared: number, unique: number, synergy?: number]>;

/** Runs of made-up results. `"joint"` and `"single"` are ablations of CoMM. */
function runs(scores: Scores, { halfWidth = 1, seeds = [42] } = {}): RecordedRun[] {
  return seeds.flatMap((seed) =>
    Object.entries(scores).flatMap(([name, [shared, unique, synergy]]) => {
      const made = (biased: boolean, found: Record<string, number>) =>
        recordedRun(name, found, { halfWidth, seed, biased });
      const unbiased = made(false, { share: shared, unique1: unique, unique2: 33, synergy: 77 });
      if (synergy === undefined) return [unbiased];
      return [unbiased, made(true, { share: 77, unique1: 77, unique2: 77, synergy })];
    })
  );
}

function recordedRun(
  name: string,
  found: Record<string, number>,
  { halfWidth, seed, biased }: { halfWidth: number; seed: number; biased: boolean },
): RecordedRun {
  const isAblation = name === "joint" || name === "single", method = isAblation ? "CoMM" : name;
  const probesAt = (step: number, percentOf: (score: number) => number) =>
    Object.entries(found).map(([task, score]) => {
      const value = percentOf(score) / 100;
      const probe = { step, task, method, balancedAccuracy: value, accuracy: value, n: 4094, c: 1 };
      return { ...probe, interval: interval(value, halfWidth / 100) };
    });
  return {
    config: {
      ...{ dataset: "trifeature", method, biased, size: 64, batchSize: 64, steps: 1600, seed },
      ...(isAblation && { terms: name }),
    },
    seed,
    engine: "made up",
    versions: {},
    command: `record ${name}`,
    started: "2025-01-31T12:00:00.000Z",
    seconds: 1,
    curve: [],
    probes: [...probesAt(800, () => 1), ...probesAt(1600, (score) => score)], // those on the way must not count
  };
}

function quickProbes(cross: number, comm: number, halfWidth = 1): QuickProbes {
  const probes = (unique1: number, unique2 = 77) => {
    const result = (percent: number) => ({ interval: interval(percent / 100, halfWidth / 100) }) as LinearProbeResult;
    return { share: result(77), unique1: result(unique1), unique2: result(unique2), synergy: result(77) };
  };
  return { "Cross": probes(cross), "CoMM": probes(comm), "first image alone": probes(30, 11) };
}

const quick = { probes: quickProbes(12, 70), seed: 7, protocol: "32 px, 600 steps" };
const verdicts = (recorded: RecordedRun[], own = quick) =>
  Object.fromEntries(
    ledger(trifeatureEvidence(recorded, own)).entries.map(({ claim, verdict }) => [claim.id, verdict]),
  );

const asPublished: Scores = {
  "Cross": [100, 11.6, 50],
  "Cross+Self": [99.7, 86.9, 50],
  "FactorCL": [99.8, 62.5, 49.9],
  "CoMM": [99.9, 87.8, 71.9],
  "joint": [94.9, 81.7, 54.4],
  "single": [100, 86.3, 50],
};

Deno.test("the paper's own numbers reproduce its claims, and are beyond its tenth epoch", () => {
  const { "comm-shared-10-epochs": shared, "comm-unique-10-epochs": unique, "joint-slower": slower, ...rest } =
    verdicts(
      runs(asPublished, { halfWidth: 0.5 }),
    );
  assert.deepEqual([shared, unique], ["not reproduced", "not reproduced"]); // 99.9 instead of 95.7
  assert.equal(slower, "weaker"); // 5 points apart at the end, 37.7 at epoch 10
  assert.deepEqual(
    Object.keys(rest).sort(),
    [
      ...["comm", "cross", "cross-self", "factorcl", "joint", "single"].flatMap((name) =>
        ["shared", "unique", "synergy"].map((atom) => `${name}-${atom}`)
      ),
      ...[
        "comm-above-cross",
        "comm-above-cross-quick",
        "comm-above-factorcl",
        "first-alone-keeps",
        "first-alone-lacks",
      ],
      ...["joint", "single"].flatMap((terms) => ["unique", "synergy"].map((atom) => `comm-above-${terms}-${atom}`)),
    ].sort(),
  );
  for (const [id, verdict] of Object.entries(rest)) assert.equal(verdict, "reproduced", id);
});

Deno.test("every statement is made once", () => {
  const statements = trifeatureEvidence(runs(asPublished), quick).map(({ claim }) => claim.statement);
  assert.deepEqual(statements, [...new Set(statements)]);
});

Deno.test("the paper's tenth epoch reproduces the claims on it, and is weaker than its hundredth", () => {
  assert.partialDeepStrictEqual(verdicts(runs({ ...asPublished, CoMM: [95.7, 69.4, 55.9], joint: [58, 52.1, 50] })), {
    "comm-shared": "weaker",
    "comm-unique": "weaker",
    "comm-synergy": "weaker",
    "comm-shared-10-epochs": "reproduced",
    "comm-unique-10-epochs": "reproduced",
    "joint-slower": "reproduced",
    "comm-above-cross": "reproduced", // 57.8 points apart, of 76.2
    "comm-above-single-synergy": "weaker", // 5.9 of 21.9
    "joint-synergy": "not reproduced",
  });
});

Deno.test("nothing learnt reproduces nothing but what is said to be lost", () => {
  const nothing = Object.fromEntries(Object.keys(asPublished).map((name) => [name, [10, 10, 50]])) as Scores;
  const found = verdicts(runs(nothing));
  const lost = ["cross-unique", "cross-synergy", "cross-self-synergy", "factorcl-synergy", "single-synergy"];
  for (const [id, verdict] of Object.entries(found)) {
    const quickly = id === "comm-above-cross-quick" || id.startsWith("first-alone"); // the notebook's own run
    assert.equal(verdict, lost.includes(id) || quickly ? "reproduced" : "not reproduced", id);
  }
});

Deno.test("an ordering by less than half the published difference is weaker, a reversed one not reproduced", () => {
  const of = (comm: number, cross: number) =>
    verdicts(runs({ CoMM: [99.9, comm], Cross: [100, cross] }), { ...quick, probes: quickProbes(cross, comm) });
  for (const id of ["comm-above-cross", "comm-above-cross-quick"]) {
    assert.equal(of(60, 20)[id], "reproduced"); // 40 of 76.2
    assert.equal(of(40, 20)[id], "weaker");
    assert.equal(of(20, 40)[id], "not reproduced");
    assert.equal(of(20.5, 20)[id], "not reproduced"); // the interval of the difference holds 0
  }
});

Deno.test("intervals wider than the margin prove nothing", () => {
  const wide = verdicts(runs(asPublished, { halfWidth: 4.5 }));
  for (const id of ["cross-shared", "cross-unique", "comm-shared", "comm-unique", "comm-synergy", "cross-synergy"]) {
    assert.equal(wide[id], "not testable here", id);
  }
  assert.equal(wide["comm-above-cross"], "reproduced"); // 76 points apart, whatever the width
});

const rounded = (value: number) => Number(value.toFixed(6));

Deno.test("each claim stands beside the number that it is about", () => {
  const scores: Scores = {
    ...{ "Cross": [1, 2, 3], "Cross+Self": [4, 5, 6], "FactorCL": [7, 8, 9], "CoMM": [10, 11, 12] },
    ...{ "joint": [13, 14, 15], "single": [16, 17, 18] },
  };
  const rows = trifeatureEvidence(runs(scores), quick).map((
    { claim: { id, published, criterion }, measured, against },
  ) =>
    [
      id,
      published?.value,
      "margin" in criterion ? `${criterion.kind} ${rounded(criterion.margin)}` : criterion.kind,
      "values" in measured ? rounded(measured.values[0]) : "not measured",
      against && rounded(against.values[0]),
    ].join(" ").trim()
  );
  assert.deepEqual(rows, [
    "cross-shared 100 near 2 1",
    "cross-unique 11.6 near 3 2",
    "cross-synergy 50 at-chance 1 3",
    "cross-self-shared 99.7 near 2 4",
    "cross-self-unique 86.9 near 3 5",
    "cross-self-synergy 50 at-chance 1 6",
    "factorcl-shared 99.8 near 2 7",
    "factorcl-unique 62.5 near 3 8",
    "factorcl-synergy 46.5 at-chance 1 9",
    "comm-shared 99.9 near 2 10",
    "comm-unique 87.8 near 3 11",
    "comm-synergy 71.9 near 4 12",
    "comm-shared-10-epochs 95.7 near 2 10",
    "comm-unique-10-epochs 69.4 near 3 11",
    "comm-above-cross 87.8 ordering 11 2",
    "comm-above-cross-quick 87.8 ordering 70 12",
    "comm-above-factorcl 87.8 ordering 11 8",
    "first-alone-keeps  above-chance 30",
    "first-alone-lacks  at-chance 3 11",
    "joint-shared 94.9 near 2 13",
    "joint-unique 81.7 near 3 14",
    "joint-synergy 54.4 near 2.2 15",
    "single-shared 100 near 2 16",
    "single-unique 86.3 near 3 17",
    "single-synergy 50 at-chance 1 18",
    "joint-slower 95.7 ordering 10 13",
    "comm-above-joint-unique 87.8 ordering 11 14",
    "comm-above-single-unique 87.8 ordering 11 17",
    "comm-above-joint-synergy 71.9 ordering 12 15",
    "comm-above-single-synergy 71.9 ordering 12 18",
  ]);
});

Deno.test("a claim whose run was not recorded says how to record it", () => {
  const evidence = trifeatureEvidence(runs({ CoMM: [90, 40] }), quick);
  const of = (id: string) => evidence.find(({ claim }) => claim.id === id)!.measured;
  const needed = {
    "cross-shared": "`deno task record comm --method Cross`",
    "single-unique": "`deno task record comm --method CoMM --terms single`",
    "comm-synergy": "`deno task record comm --method CoMM --biased --steps 3925`",
    "comm-above-cross": "`deno task record comm --method Cross`",
    "comm-above-joint-synergy": "`deno task record comm --method CoMM --terms joint --biased --steps 3925`",
  };
  for (const [id, needs] of Object.entries(needed)) assert.partialDeepStrictEqual(of(id), { needs });
  assert.ok("values" in of("comm-unique"));
});

Deno.test("seeds of one kind of run are taken together, runs that differ in more are refused", () => {
  const recorded = [...runs({ CoMM: [90, 40] }, { seeds: [44] }), ...runs({ CoMM: [92, 41] }, { seeds: [42] })];
  assert.partialDeepStrictEqual(recordedScore(recorded, { method: "CoMM" }, "share")!, {
    values: [92, 90],
    seeds: [42, 44],
    from: "record CoMM and seeds 44",
  });
  assert.equal(recordedScore(recorded, { method: "CoMM", biased: true }, "synergy"), undefined);
  const together = scoreOfRuns(runsOf(recorded, { method: "CoMM" }), "share")!;
  assert.equal(together.over, "seeds");
  assert.ok(Math.abs(together.value - 0.91) < 1e-12);
  assert.equal(scoreOfRuns(recorded.slice(1), "share")!.over, "samples");
  assert.equal(scoreOfRuns([], "share"), undefined);
  const [one, other] = recorded, longer = { ...other, config: { ...other.config, steps: 3200 } };
  assert.throws(() => runsOf([one, longer], { method: "CoMM" }), /Expected runs of CoMM to differ in their seed only/);
});

Deno.test("a curve is the mean over seeds at each probe, with Student's interval", () => {
  const recorded = [90, 92].flatMap((shared, i) => runs({ CoMM: [shared, 70] }, { seeds: [42 + i] }));
  const { x, y, interval } = curveOfRuns(recorded, "share"), close = (a: number, b: number) => Math.abs(a - b) < 1e-6;
  assert.deepEqual(x, [800, 1600]);
  assert.ok(close(y[0], 0.01) && close(y[1], 0.91));
  assert.deepEqual([interval!.low[0], interval!.high[0]], [0.01, 0.01]);
  assert.ok(close(interval!.high[1], 0.91 + 12.7062047 * 0.01)); // t of 1 degree of freedom, s / sqrt(2) = 0.01
  assert.ok(close(interval!.low[1], 0.91 - 12.7062047 * 0.01));
  assert.deepEqual(curveOfRuns(recorded.slice(1), "share"), { x: [800, 1600], y: [0.01, 0.92] });
  assert.deepEqual(curveOfRuns([], "share"), { x: [], y: [] });
});

Deno.test("each claim says where its number is from", () => {
  const evidence = trifeatureEvidence(runs({ ...asPublished, "CoMM": [99.9, 87.8] }), quick);
  const of = (id: string) => evidence.find(({ claim }) => claim.id === id)!;
  assert.partialDeepStrictEqual(of("cross-self-unique").measured, {
    values: [86.9],
    seeds: [42],
    from: "record Cross+Self",
  });
  assert.partialDeepStrictEqual(of("comm-above-cross").against!, { values: [11.6], from: "record Cross" });
  const { measured, against } = of("comm-above-cross-quick");
  assert.partialDeepStrictEqual(measured, {
    values: [70],
    seeds: [7],
    from: "this notebook",
    protocol: quick.protocol,
  });
  assert.partialDeepStrictEqual(against!, { values: [12], seeds: [7] });
  assert.equal(of("comm-unique-10-epochs").claim.published!.value, 69.4);
});

Deno.test("finalProbe() is the last one of a task, and misses one that was not taken", () => {
  const [run] = runs({ CoMM: [90, 40] });
  assert.partialDeepStrictEqual(finalProbe(run, "unique1"), { step: 1600, task: "unique1", balancedAccuracy: 0.4 });
  assert.throws(() => finalProbe({ ...run, probes: [] }, "share"), /Expected a probe of share .*got none/);
});

Deno.test("readTrifeatureRuns() reads what is there, and says which file is not finished", async () => {
  const folder = await Deno.makeTempDir(), [comm, biased] = runs({ CoMM: [90, 40, 60] });
  const path = (slug: string) => join(folder, `comm-trifeature-64-${slug}-seed-42.json`);
  assert.deepEqual(await readTrifeatureRuns(folder), []);
  await writeRecordedRun(path("comm"), comm);
  await writeRecordedRun(path("comm-biased"), biased);
  await Deno.writeTextFile(join(folder, "of-another-experiment.json"), "{}");
  assert.deepEqual(await readTrifeatureRuns(folder), [biased, comm]);
  const refused = (...parts: string[]) =>
    assert.rejects(readTrifeatureRuns(folder), ({ name, message }: Error) => {
      for (const part of parts) assert.ok(message.includes(part), message);
      return name === "InvalidFileError";
    });
  await writeRecordedRun(path("comm"), { ...comm, probes: comm.probes.slice(0, 4) });
  await refused(path("comm"), "step 800 of 1600", "record CoMM");
  await writeRecordedRun(path("comm"), { ...comm, probes: [] });
  await refused(path("comm"), "step none of 1600");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the committed runs are whole: every method to its last step, all tasks on all test pairs", async () => {
  const recorded = await readTrifeatureRuns();
  for (const method of ["Cross", "Cross+Self", "CoMM"]) assert.ok(runsOf(recorded, { method }).length > 0, method);
  for (const run of recorded) {
    const { method, steps } = run.config, final = run.probes.filter(({ step }) => step === steps);
    assert.deepEqual(final.map(({ task }) => task).sort(), ["share", "synergy", "unique1", "unique2"]);
    for (const probe of final) assert.deepEqual([probe.n, probe.method, probe.interval.n], [4094, method, 4094]);
    assert.equal(run.curve.at(-1)!.step, steps);
    assert.ok(run.command.includes(`--method ${method} `), run.command);
  }
});
