import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { testNative } from "../engine/engines.ts";
import { agreement, trained } from "./agreement.ts";
import { workloads } from "./workloads.ts";

testNative("a workload trains compiled as it does eagerly, and its weights do move", async () => {
  await useEngine("libtensorflow");
  const { build } = workloads.mlp, eager = await trained(build, 5);
  const graph = agreement(eager, await trained(build, 5, "graph")),
    xla = agreement(eager, await trained(build, 5, "xla"));
  assert.deepEqual([graph.steps, xla.steps], [5, 5]);
  assert.ok(graph.weights < 1e-6 && graph.losses < 1e-6, `graph: ${graph.weights}, ${graph.losses}`);
  // XLA rounds otherwise, and Adam takes a whole step along a gradient that is nothing but rounding.
  assert.ok(xla.weights < 1e-3 && xla.losses < 1e-5, `XLA: ${xla.weights}, ${xla.losses}`);
  assert.ok(agreement(eager, await trained(build, 4).then(({ weights }) => ({ ...eager, weights }))).weights > 1e-4);
});

Deno.test("the worst weight counts, by the largest of its own parameter", () => {
  const eager = { weights: { small: Float32Array.of(0.1, -0.2), large: Float32Array.of(100) }, losses: [2, 1] };
  const compiled = { weights: { small: Float32Array.of(0.1, -0.19), large: Float32Array.of(101) }, losses: [2, 1.1] };
  const { weights, parameter, losses } = agreement(eager, compiled);
  assert.equal(parameter, "small");
  assert.ok(Math.abs(weights - 0.05) < 1e-6 && Math.abs(losses - 0.1) < 1e-6);
});
