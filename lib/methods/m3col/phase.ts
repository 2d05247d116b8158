/** Options of {@linkcode m3colPhase}. */
export interface M3colPhaseOptions {
  /** $E$, how many epochs the training has. */
  epochs: number;
  /** $r$ in [0, 1], the first phase's share of them. Default 0.33. */
  fraction?: number;
}

/**
 * $\lfloor r E \rfloor$, the first epoch of the second phase.
 *
 * @throws {RangeError} If there is no epoch, or the fraction is not in [0, 1].
 *
 * @example The omics experiments: 500 epochs, of which 165 belong to the first phase.
 * ```ts
 * import { m3colSwitchEpoch } from "braid";
 * import assert from "node:assert/strict";
 *
 * assert.equal(m3colSwitchEpoch({ epochs: 500 }), 165);
 * ```
 */
export function m3colSwitchEpoch({ epochs, fraction = 0.33 }: M3colPhaseOptions): number {
  if (!(Number.isInteger(epochs) && epochs >= 1)) throw new RangeError(`Expected at least 1 epoch, got ${epochs}`);
  if (!(fraction >= 0 && fraction <= 1)) {
    throw new RangeError(`Expected fraction to be a share in [0, 1], got ${fraction}`);
  }
  return Math.floor(fraction * epochs);
}

/**
 * M3CoL's schedule: mixtures first, then soft targets; the switch is hard, and the optimiser's state stays.
 *
 * $$\mathcal L_{\text{con}}(e) = \begin{cases}\mathcal L_{\text{M3Co}} & e < \lfloor r E \rfloor\\
 * \mathcal L_{\text{MultiSClip}} & \text{otherwise}\end{cases}$$
 *
 * Source: Kumar et al. 2025 (M3CoL), section 3; $r$ as in the released code.
 *
 * @param epoch $e$, from 0.
 * @returns The `phase` of {@linkcode m3colLoss}.
 * @throws {RangeError} If the epoch is negative or no whole number, there is none, or the fraction is not in [0, 1].
 *
 * @example
 * ```ts
 * import { m3colPhase } from "braid";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual([164, 165].map((epoch) => m3colPhase(epoch, { epochs: 500 })), ["m3co", "sclip"]);
 * ```
 */
export function m3colPhase(epoch: number, options: M3colPhaseOptions): "m3co" | "sclip" {
  const switchEpoch = m3colSwitchEpoch(options);
  if (!(Number.isInteger(epoch) && epoch >= 0)) throw new RangeError(`Expected epoch to count from 0, got ${epoch}`);
  return epoch < switchEpoch ? "m3co" : "sclip";
}
