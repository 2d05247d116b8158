// What the papers on estimating interactions claim of cases whose truth is known, beside what comes out here.

import { randomNumbers } from "../engine/random_numbers.ts";
import type { Claim, Measurement } from "../evaluation/claim.ts";
import type { Evidence } from "../evaluation/verdict.ts";
import { boundGaps } from "./bound_gaps.ts";
import { jointDistribution } from "./joint_distribution.ts";
import { brojaPid, type PartialInformation } from "./partial_information.ts";

/** Options of {@linkcode interactionEvidence}. */
export interface InteractionEvidenceOptions {
  /** Samples drawn of each gate, for each seed. */
  gateSamples: number;
  /** Random tables, for each seed. */
  tables: number;
  /** At least two. */
  seeds: readonly number[];
}

// Both as others quote them: the papers themselves were not at hand.
const BITWISE = "Liang et al. 2023, table of bitwise data, estimator CVX, second-hand";
const BOUNDS = "Liang et al. 2024, synthetic tables, second-hand";

/**
 * Measures the claims: gates from samples, bounds on random tables, once for each seed.
 *
 * @throws {RangeError} If a number is no positive integer.
 */
export function interactionEvidence({ gateSamples, tables, seeds }: InteractionEvidenceOptions): Evidence[] {
  const gaps = seeds.map((seed) => boundGaps(tables, { seed }));
  const gates = {
    AND: (a: number, b: number) => a & b,
    OR: (a: number, b: number) => a | b,
    XOR: (a: number, b: number) => a ^ b,
  };
  const measured = (values: number[], unit: string, protocol: string): Measurement => ({
    ...{ values, seeds: [...seeds], unit, protocol },
    from: "this notebook",
  });
  const atom = (gate: keyof typeof gates, key: "redundancy" | "synergy", published: number): Evidence => ({
    claim: {
      id: `${gate.toLowerCase()}-${key}`,
      statement: `${gate} of two fair bits has ${published} bit of ${
        key === "redundancy" ? "shared information" : key
      }.`,
      ...{ source: BITWISE, unit: "bits", published: { value: published } },
      protocol: "counted from samples",
      criterion: { kind: "near", margin: 0.02 },
    },
    measured: measured(
      seeds.map((seed) => countedGate(gates[gate], { samples: gateSamples, seed })[key]),
      "bits",
      `${gateSamples} samples, plug-in`,
    ),
  });
  const gap = (
    claim: Pick<Claim, "id" | "statement" | "published">,
    of: (gap: typeof gaps[number]) => number,
    unit = "bits",
  ): Evidence => ({
    claim: {
      ...claim,
      ...{ source: BOUNDS, unit, protocol: "100,000 random tables of three bits" },
      criterion: { kind: "near", margin: unit === "%" ? 0.1 : 0.03 },
    },
    measured: measured(gaps.map(of), unit, `${tables} tables, uniform among all; best of three lower bounds`),
  });
  return [
    atom("AND", "redundancy", 0.31),
    atom("AND", "synergy", 0.5),
    atom("OR", "redundancy", 0.31),
    atom("OR", "synergy", 0.5),
    atom("XOR", "synergy", 1),
    gap(
      { id: "bounds-hold", statement: "Synergy lies within the bounds in every table.", published: { value: 0 } },
      ({ violations }) => 100 * violations,
      "%",
    ),
    gap(
      {
        id: "lower-gap",
        statement: "The lower bounds are 0.18 bit below the synergy on average.",
        published: { value: 0.18 },
      },
      ({ lowerGap }) => lowerGap,
    ),
    gap(
      { id: "upper-gap", statement: "The upper bound is 0.62 bit above it on average.", published: { value: 0.62 } },
      ({ upperGap }) => upperGap,
    ),
  ];
}

/** The decomposition of a gate, counted from samples of its two bits. */
function countedGate(
  output: (a: number, b: number) => number,
  { samples, seed }: { samples: number; seed: number },
): PartialInformation {
  const random = randomNumbers(seed, "gate"), draw = () => Array.from({ length: samples }, () => random.integer(2));
  const x1 = draw(), x2 = draw();
  return brojaPid(jointDistribution(x1, x2, x1.map((a, i) => output(a, x2[i]))));
}
