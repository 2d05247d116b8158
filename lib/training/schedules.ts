/** Options of {@linkcode warmupCosineLr}. */
export interface WarmupCosineOptions {
  /** Highest learning rate, reached at the end of the warm-up. */
  lr: number;
  /** How many epochs the whole schedule has. */
  epochs: number;
  /** How many of them warm up. Default 10. */
  warmupEpochs?: number;
  /** Learning rate of the first epoch, if there is a warm-up. Default 1e-6. */
  startLr?: number;
  /** Learning rate that the cosine approaches. Default 1e-6. */
  minLr?: number;
}

/**
 * Learning rate of every epoch: linear warm-up, then half a cosine.
 *
 * With $E$ epochs, $W$ of them warm-up:
 *
 * $$\eta_e = \begin{cases}
 * \eta_\text{start} + \frac{e}{W - 1} (\eta - \eta_\text{start}) & e < W \\
 * \eta_\text{min} + \tfrac12 (\eta - \eta_\text{min}) \big(1 + \cos \pi \frac{e - W}{E - W}\big) & e \ge W
 * \end{cases}$$
 *
 * So the highest rate is used twice, in the last epoch of the warm-up and in the first of the cosine, and the lowest is
 * never quite reached. Source: the released code of Dufumier et al. 2025 (CoMM).
 *
 * @returns One rate per epoch 0 … epochs - 1.
 * @throws {RangeError} If a number of epochs is no integer of at least 0, the warm-up is longer than the whole, or a rate is
 * negative.
 *
 * @example
 * ```ts
 * import { warmupCosineLr } from "braid";
 * import assert from "node:assert/strict";
 *
 * const rates = warmupCosineLr({ lr: 1e-4, epochs: 100 });
 * assert.deepEqual([rates[0], rates[9], rates[10]], [1e-6, 1e-4, 1e-4]);
 * ```
 */
export function warmupCosineLr(
  { lr, epochs, warmupEpochs = 10, startLr = 1e-6, minLr = 1e-6 }: WarmupCosineOptions,
): number[] {
  for (const [name, count] of Object.entries({ epochs, warmupEpochs })) {
    if (!Number.isInteger(count) || count < 0) {
      throw new RangeError(`Expected ${name} to be an integer of at least 0, got ${count}`);
    }
  }
  if (warmupEpochs > epochs) {
    throw new RangeError(
      `Expected warmupEpochs to be at most the ${epochs} epochs of the schedule, got ${warmupEpochs}`,
    );
  }
  for (const [name, rate] of Object.entries({ lr, startLr, minLr })) {
    if (!(rate >= 0)) throw new RangeError(`Expected ${name} to be at least 0, got ${rate}`);
  }
  // max(): a warm-up of one epoch has no second point, it stays at its start.
  const warm = (e: number) => startLr + e / Math.max(1, warmupEpochs - 1) * (lr - startLr);
  const cool = (e: number) =>
    minLr + (lr - minLr) / 2 * (1 + Math.cos(Math.PI * (e - warmupEpochs) / (epochs - warmupEpochs)));
  return Array.from({ length: epochs }, (_, e) => e < warmupEpochs ? warm(e) : cool(e));
}

/** Options of {@linkcode stepLr}. */
export interface StepOptions {
  /** Learning rate of the first epochs. */
  lr: number;
  /** How many epochs the whole schedule has. */
  epochs: number;
  /** After how many epochs the rate falls, again and again. */
  stepSize: number;
  /** By what it is multiplied then. Default 0.1. */
  gamma?: number;
}

/**
 * Learning rate of every epoch: $\eta_e = \eta\, \gamma^{\lfloor e / s \rfloor}$, PyTorch's `StepLR`.
 *
 * @returns One rate per epoch 0 … epochs - 1.
 * @throws {RangeError} If `epochs` is no integer of at least 0, `stepSize` none of at least 1, or a number is negative.
 *
 * @example
 * ```ts
 * import { stepLr } from "braid";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(stepLr({ lr: 1, epochs: 5, stepSize: 2, gamma: 0.5 }), [1, 1, 0.5, 0.5, 0.25]);
 * ```
 */
export function stepLr({ lr, epochs, stepSize, gamma = 0.1 }: StepOptions): number[] {
  for (const [name, count, least] of [["epochs", epochs, 0], ["stepSize", stepSize, 1]] as const) {
    if (!Number.isInteger(count) || count < least) {
      throw new RangeError(`Expected ${name} to be an integer of at least ${least}, got ${count}`);
    }
  }
  for (const [name, number] of Object.entries({ lr, gamma })) {
    if (!(number >= 0)) throw new RangeError(`Expected ${name} to be at least 0, got ${number}`);
  }
  return Array.from({ length: epochs }, (_, e) => lr * gamma ** Math.floor(e / stepSize));
}
