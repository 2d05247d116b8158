import assert from "node:assert/strict";
import { DivergenceError, type TrainingReport } from "braid/training/train.ts";
import { sparkline } from "braid/notebook/sparkline.ts";
import { watchTraining } from "braid/notebook/watch_training.ts";
import { broadcasts } from "./fake_kernel.ts";

const report = (step: number, loss: number, terms: Record<string, number> = {}): TrainingReport => ({
  ...{ step, steps: 40, epoch: 0, loss, terms },
  ...{ samplesPerSecond: 320.4, seconds: step / 5, secondsLeft: (40 - step) / 5 },
});

async function* reports(...all: (TrainingReport | Error)[]): AsyncGenerator<TrainingReport> {
  for (const one of all) {
    await Promise.resolve();
    if (one instanceof Error) throw one;
    yield one;
  }
}

Deno.test("watchTraining() collects steps, loss and terms, and how long it took", async () => {
  const training = reports(report(10, 4, { first: 1, both: 3 }), report(40, 2, { first: 0.5, both: 1.5 }));
  assert.deepEqual(await watchTraining("CoMM", training), {
    steps: [10, 40],
    loss: [4, 2],
    terms: { first: [1, 0.5], both: [3, 1.5] },
    seconds: 8,
  });
});

Deno.test("watchTraining() is empty where nothing was reported", async () => {
  assert.deepEqual(await watchTraining("CoMM", reports()), { steps: [], loss: [], terms: {}, seconds: 0 });
});

Deno.test("watchTraining() waits for each call before the next step", async () => {
  const events: string[] = [];
  async function* training() {
    for (const step of [20, 40]) {
      events.push(`step ${step}`);
      yield await Promise.resolve(report(step, 1));
    }
  }
  await watchTraining("CoMM", training(), async ({ step }) => {
    await new Promise((resume) => setTimeout(resume, 5));
    events.push(`probed ${step}`);
  });
  assert.deepEqual(events, ["step 20", "probed 20", "step 40", "probed 40"]);
});

Deno.test("watchTraining() shows the first report and the last, with what is left and what it took", async () => {
  using kernel = broadcasts();
  await watchTraining("CoMM", reports(report(10, 4), report(20, 3), report(40, 2)));
  assert.deepEqual(kernel.sent.map(({ content: { data } }) => data["text/plain"]), [
    "CoMM: step 10 of 40, loss 4.000 ▁, 320 samples/s, 6 s left",
    "CoMM: step 40 of 40, loss 2.000 █▅▁, 320 samples/s, 8 s",
  ]);
});

Deno.test("watchTraining() draws the curve where somebody looks on, small however long it is, and no HTML of a name", async () => {
  using kernel = broadcasts();
  const long = Array.from({ length: 5000 }, (_, i) => ({ ...report(i + 1, 1 / (i + 1)), steps: 5000 }));
  await watchTraining("<b>", reports(...long));
  const html = kernel.sent.at(-1)!.content.data["text/html"];
  assert.match(html, /<polyline [^>]*points="0\.1,4\.0 [^"]* 360\.0,68\.0"/);
  assert.ok(html.length < 8000, `${html.length} signs`);
  assert.doesNotMatch(html, /<b>/);
  assert.equal(new Set(kernel.sent.map(({ content }) => content.transient.display_id)).size, 1);
});

Deno.test("watchTraining() writes a line alone into a notebook to be committed", async () => {
  using kernel = broadcasts();
  Deno.env.set("BRAID_RENDER", "commit");
  await watchTraining("CoMM", reports(report(40, 2))).finally(() => Deno.env.delete("BRAID_RENDER"));
  assert.deepEqual(Object.keys(kernel.sent[0].content.data), ["text/plain"]);
});

Deno.test("watchTraining() ends at the report at which it is told to, closes the training and says so", async () => {
  using kernel = broadcasts();
  const stop = new AbortController();
  let closed = false;
  async function* training() {
    try {
      yield* reports(report(10, 4), report(20, 3), report(30, 2));
    } finally {
      closed = true;
    }
  }
  const onReport = ({ step }: TrainingReport) => step === 20 ? stop.abort() : undefined;
  const { steps } = await watchTraining("CoMM", training(), onReport, { signal: stop.signal });
  assert.deepEqual([steps, closed], [[10, 20], true]);
  assert.equal(kernel.sent.at(-1)!.content.data["text/plain"], "CoMM: stopped at step 20 of 40");
});

Deno.test("watchTraining() passes on what stops a training", async () => {
  const diverged = new DivergenceError("the loss is NaN");
  await assert.rejects(watchTraining("CoMM", reports(report(10, 4), diverged)), diverged);
});

Deno.test("sparkline() has a sign for each value, from the lowest to the highest", () => {
  assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7]), "▁▂▃▄▅▆▇█");
  assert.equal(sparkline([7e9, 0, 7e9]), "█▁█");
  assert.equal(sparkline([-1, -0.5, 0]), "▁▅█");
});

Deno.test("sparkline() is low where all values are equal, and empty without one", () => {
  assert.equal(sparkline([3]), "▁");
  assert.equal(sparkline([5, 5, 5]), "▁▁▁");
  assert.equal(sparkline([]), "");
});

Deno.test("sparkline() never has more than 24 signs", () => {
  for (let length = 0; length < 200; length++) {
    const signs = sparkline(Array.from({ length }, (_, i) => i));
    assert.ok(
      signs.length <= 24 && signs.length >= Math.min(length, 13),
      `${length} values give ${signs.length} signs`,
    );
    assert.equal(signs, [...signs].sort().join(""));
  }
});
