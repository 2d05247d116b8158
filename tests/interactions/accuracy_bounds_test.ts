import assert from "node:assert/strict";
import * as fc from "fast-check";
import { accuracyBounds } from "braid/interactions/accuracy_bounds.ts";
import { informationTerms } from "braid/interactions/information_terms.ts";
import { tables } from "./tables.ts";

const near = (got: number, want: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(got - want) <= tolerance, `got ${got}, want ${want}`);
const binaryEntropy = (e: number) => e <= 0 || e >= 1 ? 0 : -e * Math.log2(e) - (1 - e) * Math.log2(1 - e);

Deno.test("accuracyBounds() gives the paper's form for two and ten balanced classes", () => {
  const two = accuracyBounds(0.2, { classes: 2, labelEntropy: 1 });
  near(two.lower, 2 ** -0.8);
  near(two.upperLoose, 1.2);
  const ten = accuracyBounds(2.5, { classes: 10, labelEntropy: Math.log2(10) });
  near(ten.lower, 2 ** 2.5 / 10);
  near(ten.upperLoose, 3.5 / Math.log2(10));
});

Deno.test("accuracyBounds() solves Fano's equation, up to guessing and up to certainty", () => {
  for (const classes of [2, 3, 10]) {
    for (const error of [1e-6, 0.01, 0.2, 0.49]) {
      const open = binaryEntropy(error) + error * Math.log2(classes - 1), labelEntropy = Math.log2(classes);
      near(accuracyBounds(labelEntropy - open, { classes, labelEntropy }).upperFano, 1 - error);
    }
    near(accuracyBounds(0, { classes, labelEntropy: Math.log2(classes) }).upperFano, 1 / classes, 1e-6);
    near(accuracyBounds(0.5, { classes, labelEntropy: 0.5 }).upperFano, 1);
  }
});

Deno.test("the best classifier of a table lies within accuracyBounds()", () => {
  fc.assert(fc.property(tables, (p) => {
    const best = p.flat().reduce((sum, row) => sum + Math.max(...row), 0);
    const labelEntropy = binaryEntropy(p.flat().reduce((sum, [first]) => sum + first, 0));
    const information = Math.min(informationTerms(p).i12, labelEntropy);
    const { lower, upperFano } = accuracyBounds(information, { classes: 2, labelEntropy });
    assert.ok(lower <= best + 1e-9 && best <= upperFano + 1e-9, `${lower} … ${best} … ${upperFano}`);
  }));
});

Deno.test("accuracyBounds() says what is wrong with its input", () => {
  const label = { classes: 2, labelEntropy: 1 };
  assert.throws(() => accuracyBounds(0, { classes: 1, labelEntropy: 0 }), /at least 2 classes, got 1/);
  assert.throws(() => accuracyBounds(0, { ...label, labelEntropy: 1.5 }), /labelEntropy to be in 0 … 1 bits, got 1.5/);
  assert.throws(() => accuracyBounds(1.1, label), /information to be in 0 … 1 bits, got 1.1/);
  assert.throws(() => accuracyBounds(-0.1, label), /information .* got -0.1/);
  assert.throws(() => accuracyBounds(NaN, label), /information .* got NaN/);
});
