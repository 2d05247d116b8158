import assert from "node:assert/strict";
import { compareChecks } from "braid/cli/doctor/compare_checks.ts";
import type { SelfCheck } from "braid/engine/self_check.ts";

const check = (results: SelfCheck["results"], onGpu = false): SelfCheck => ({
  engine: { name: "cpu", version: "1", device: "", onGpu, compiles: false, description: "", reason: "" },
  devices: [],
  results,
});
const compare = (a: SelfCheck["results"], b: SelfCheck["results"], onGpu?: boolean) =>
  compareChecks(check(a), check(b, onGpu));

Deno.test("compareChecks() measures relative to large values and absolutely near zero", () => {
  assert.equal(compare({ matmul: [1010] }, { matmul: [1000] }).difference, 0.01);
  assert.equal(compare({ matmul: [0.01] }, { matmul: [0] }).difference, 0.01);
});

Deno.test("compareChecks() names the computation with the largest difference", () => {
  const { computation, agrees } = compare({ matmul: [1, 2], softmax: [1, 0] }, { matmul: [1, 2], softmax: [1, 0.5] });
  assert.equal(computation, "softmax");
  assert.equal(agrees, false);
});

Deno.test("compareChecks() allows TensorFloat-32's rounding where a GPU takes part", () => {
  assert.equal(compare({ matmul: [1] }, { matmul: [1.001] }).agrees, false);
  assert.equal(compare({ matmul: [1] }, { matmul: [1.001] }, true).agrees, true);
});

Deno.test("compareChecks() accepts no missing number, no missing computation and no NaN", () => {
  const damaged: SelfCheck["results"][] = [{ matmul: [1] }, {}, { matmul: [1, NaN] }, {
    matmul: [1, null as unknown as number],
  }];
  for (const wrong of damaged) {
    const { difference, agrees } = compare(wrong, { matmul: [1, 2] });
    assert.equal(difference, Infinity);
    assert.equal(agrees, false);
  }
});
