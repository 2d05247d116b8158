import assert from "node:assert/strict";
import { tensorsHeld, testNative } from "../engine/engines.ts";
import { eagerOverhead } from "./eager_overhead.ts";

testNative("each op's overhead is timed, and no call leaves a tensor", () => {
  const before = tensorsHeld(), times = eagerOverhead(3);
  assert.ok("add" in times && "matMul" in times);
  for (const [op, { min, median }] of Object.entries(times)) assert.ok(0 < min && min <= median, op);
  assert.deepEqual(tensorsHeld(), before);
});
