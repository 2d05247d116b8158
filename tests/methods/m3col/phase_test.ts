import assert from "node:assert/strict";
import { m3colPhase, m3colSwitchEpoch } from "braid/methods/m3col/phase.ts";

Deno.test("m3colSwitchEpoch() has the published epochs: 165 of 500, 8 of 25, 16 of 50", () => {
  assert.deepEqual([500, 25, 50].map((epochs) => m3colSwitchEpoch({ epochs })), [165, 8, 16]);
});

Deno.test("m3colPhase() contrasts mixtures before the switch and soft targets from it on, past the last epoch too", () => {
  const phases = [0, 7, 8, 24, 25].map((epoch) => m3colPhase(epoch, { epochs: 25 }));
  assert.deepEqual(phases, ["m3co", "m3co", "sclip", "sclip", "sclip"]);
});

Deno.test("m3colPhase() with a fraction of 0 or 1 stays in one phase", () => {
  assert.equal(m3colPhase(0, { epochs: 10, fraction: 0 }), "sclip");
  assert.equal(m3colPhase(9, { epochs: 10, fraction: 1 }), "m3co");
  assert.equal(m3colPhase(0, { epochs: 1 }), "sclip"); // a third of one epoch is none
});

Deno.test("m3colPhase() says what is wrong with its input", () => {
  for (const epochs of [0, -1, 2.5, NaN]) assert.throws(() => m3colPhase(0, { epochs }), /at least 1 epoch, got/);
  for (const fraction of [-0.1, 1.1, NaN]) {
    assert.throws(() => m3colPhase(0, { epochs: 3, fraction }), /fraction to be a share in \[0, 1\], got/);
  }
  for (const epoch of [-1, 0.5, NaN]) {
    assert.throws(() => m3colPhase(epoch, { epochs: 3 }), /epoch to count from 0, got/);
  }
});
