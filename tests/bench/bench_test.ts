// The benchmarks themselves: what they measure, what they refuse, and that their step trains.

import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { useEngine } from "braid/engine/engine.ts";
import { installed, testNative } from "../engine/engines.ts";
import { bench, type BenchResult, checkLosses, compare, describe, type Timing } from "./bench.ts";
import { stepOf } from "./workload.ts";
import { workloads } from "./workloads.ts";

const timing = (median: number, peakMegabytes: number): Timing => ({
  ...{ min: median, median, steps: 3, firstCall: 100, peakMegabytes, version: "" },
});

testNative("a workload is timed in each mode, in a process of its own, and leaves no tensor behind", async () => {
  const { workload, modes } = await bench("mlp", { modes: ["graph", "eager"], seconds: 0.1, rounds: 2 });
  assert.equal(workload, "mlp");
  for (const mode of ["graph", "eager"] as const) {
    const { min, median, steps, firstCall, peakMegabytes, tensorsLeft } = modes[mode]!;
    assert.ok(0 < min && min <= median && median < firstCall, mode);
    assert.ok(steps >= 2 && peakMegabytes > 100, mode);
    assert.equal(tensorsLeft, 0, mode);
  }
  assert.equal(modes.xla, undefined);
});

Deno.test("losses that differ by more than 1e-4 stop a benchmark: a wrong step is not timed", () => {
  checkLosses("x", { braid: 0.69314, pytorch: 0.6932 });
  checkLosses("x", { braid: 5000.4, pytorch: 5000 });
  for (const braid of [0.6934, NaN]) {
    assert.throws(
      () => checkLosses("x", { braid, pytorch: 0.6932 }),
      /Expected x to have PyTorch's loss 0.6932 .*, got/,
    );
  }
});

Deno.test("the best compiled mode counts, never an eager one", () => {
  const timed = { eager: timing(1, 1), graph: timing(8, 600), xla: timing(6, 700) };
  const { best, ratio, memoryRatio } = compare(timed, timing(12, 1000));
  assert.deepEqual([best, ratio, memoryRatio], ["xla", 0.5, 0.7]);
  assert.equal(compare({ eager: timing(1, 1) }, timing(12, 1000)).ratio, undefined);
});

Deno.test("a result as a line names each side's median and first call, and the ratio", () => {
  const result: BenchResult = { workload: "mlp", modes: { graph: timing(3, 400) }, pytorch: timing(4, 800) };
  const line = describe({ ...result, best: "graph", ratio: 0.75, memoryRatio: 0.5 });
  assert.equal(
    line,
    "mlp: graph 3.00 ms (first 0.1 s), PyTorch 4.00 ms (first 0.1 s); graph takes 0.75 of PyTorch's time, 0.50 of its memory",
  );
});

Deno.test(`a workload's step trains: the loss of the same batch falls (${installed ? "libtensorflow" : "WebAssembly"})`, async () => {
  await useEngine();
  const workload = workloads.mlp.build(), step = stepOf(workload), batch = Object.values(workload.inputs);
  const losses = Array.from({ length: 10 }, () => tf.tidy(() => step(...batch).dataSync()[0]));
  assert.ok(losses.at(-1)! < losses[0], `${losses}`);
});
