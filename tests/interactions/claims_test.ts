import assert from "node:assert/strict";
import { ledger } from "braid/evaluation/ledger.ts";
import { boundGaps } from "braid/interactions/bound_gaps.ts";
import { interactionEvidence } from "braid/interactions/claims.ts";

Deno.test("bounds on random tables of three bits: gaps of a published experiment and of an implementation apart", () => {
  const { violations, synergy, lowerGap, upperGap } = boundGaps(300, { seed: 1 });
  assert.equal(violations, 0);
  assert.ok(Math.abs(synergy - 0.077) < 0.015, `${synergy}`);
  assert.ok(Math.abs(upperGap - 0.62) < 0.04, `${upperGap}`);
  assert.ok(lowerGap > 0.03 && lowerGap < 0.055, `${lowerGap}`);
  assert.throws(() => boundGaps(0, { seed: 1 }), /Expected a positive number of tables, got 0/);
});

Deno.test("verdicts on the claims follow from several seeds", () => {
  const { entries } = ledger(interactionEvidence({ gateSamples: 20_000, tables: 5, seeds: [1, 2, 3, 4] }));
  const verdict = (id: string) => entries.find(({ claim }) => claim.id === id)!.verdict;
  for (const id of ["and-redundancy", "and-synergy", "or-redundancy", "or-synergy", "xor-synergy", "bounds-hold"]) {
    assert.equal(verdict(id), "reproduced", id);
  }
  assert.ok(entries.every(({ measured }) => "values" in measured && measured.values.length === 4));
});
