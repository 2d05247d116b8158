import assert from "node:assert/strict";
import { stepLr, warmupCosineLr } from "braid/training/schedules.ts";

const close = (got: number, want: number) => assert.ok(Math.abs(got - want) <= 1e-6 * want, `got ${got}, want ${want}`);

Deno.test("warmupCosineLr() has the rates of CoMM's schedule", () => {
  const rates = warmupCosineLr({ lr: 1e-4, epochs: 100 });
  assert.equal(rates.length, 100);
  const published = { 0: 1e-6, 1: 1.2e-5, 5: 5.6e-5, 9: 1e-4, 10: 1e-4, 55: 5.05e-5 };
  for (const [epoch, want] of Object.entries(published)) close(rates[Number(epoch)], want);
  assert.equal(rates[99].toExponential(2), "1.03e-6");
});

Deno.test("warmupCosineLr() rises in the warm-up, falls after it and stays within its bounds", () => {
  const rates = warmupCosineLr({ lr: 1, epochs: 50, warmupEpochs: 20, startLr: 0.1, minLr: 0.2 });
  rates.slice(1, 20).forEach((rate, e) => assert.ok(rate > rates[e]));
  rates.slice(21).forEach((rate, e) => assert.ok(rate < rates[e + 20]));
  assert.equal(Math.min(...rates), 0.1);
  assert.ok(Math.max(...rates) === 1 && rates[49] > 0.2);
});

Deno.test("warmupCosineLr() takes a warm-up of none, of one epoch or of all, and no epochs", () => {
  const options = { lr: 1, startLr: 0.5, minLr: 0 };
  assert.deepEqual(warmupCosineLr({ ...options, epochs: 2, warmupEpochs: 0 }), [1, 0.5]);
  assert.deepEqual(warmupCosineLr({ ...options, epochs: 2, warmupEpochs: 1 }), [0.5, 1]);
  assert.deepEqual(warmupCosineLr({ ...options, epochs: 3, warmupEpochs: 3 }), [0.5, 0.75, 1]);
  assert.deepEqual(warmupCosineLr({ ...options, epochs: 0, warmupEpochs: 0 }), []);
});

Deno.test("warmupCosineLr() says what is wrong with its options", () => {
  assert.throws(() => warmupCosineLr({ lr: 1, epochs: 5 }), /warmupEpochs to be at most the 5 epochs .*, got 10/);
  assert.throws(() => warmupCosineLr({ lr: 1, epochs: 2.5 }), /epochs to be an integer of at least 0, got 2.5/);
  assert.throws(() => warmupCosineLr({ lr: 1, epochs: 20, warmupEpochs: -1 }), /warmupEpochs to be an integer/);
  assert.throws(() => warmupCosineLr({ lr: -1, epochs: 20 }), /lr to be at least 0, got -1/);
  assert.throws(() => warmupCosineLr({ lr: 1, epochs: 20, minLr: NaN }), /minLr to be at least 0, got NaN/);
});

Deno.test("stepLr() falls at every multiple of its step, and says what is wrong with its options", () => {
  assert.deepEqual(stepLr({ lr: 2, epochs: 7, stepSize: 3, gamma: 0.5 }), [2, 2, 2, 1, 1, 1, 0.5]);
  assert.deepEqual(stepLr({ lr: 1, epochs: 0, stepSize: 1 }), []);
  close(stepLr({ lr: 1, epochs: 2, stepSize: 1 })[1], 0.1);
  assert.throws(() => stepLr({ lr: 1, epochs: 3, stepSize: 0 }), /stepSize to be an integer of at least 1, got 0/);
  assert.throws(() => stepLr({ lr: NaN, epochs: 3, stepSize: 1 }), /lr to be at least 0, got NaN/);
});
