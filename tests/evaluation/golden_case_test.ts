import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { compare, parseCase, toTensor } from "braid/evaluation/golden_case.ts";

await tf.setBackend("cpu");

const scalar = (value: number) => ({ shape: [], values: [value] });
const golden = {
  case: "planted",
  function: "squares",
  inputs: { x: { shape: [3], values: [1, -2, 3] } },
  options: { power: 2 },
  expect: { value: scalar(14) },
  tolerance: 1e-5,
};
const parse = (fields: Record<string, unknown>) => parseCase(JSON.stringify({ ...golden, ...fields }));

Deno.test("parseCase() fills in what a file may leave out", () => {
  const { inputs, gradients, cotangents } = parse({});
  assert.deepEqual(inputs.x, { shape: [3], dtype: "float32", values: [1, -2, 3] });
  assert.deepEqual({ gradients, cotangents }, { gradients: {}, cotangents: undefined });
});

Deno.test("parseCase() says which field is wrong", () => {
  const x = golden.inputs.x;
  for (
    const [fields, message] of [
      [{ inputs: { x: { ...x, shape: [4] } } }, /^inputs\.x: Expected as many values as the shape has entries$/],
      [{ inputs: { x: { ...x, shape: [-3] } } }, /^inputs\.x\.shape\.0: /],
      [{ inputs: { x: { ...x, dtype: "bool" } } }, /^inputs\.x\.dtype: /],
      [{ inputs: { x: { ...x, values: [1, null, 3] } } }, /^inputs\.x\.values\.1: /],
      [{ options: [] }, /^options: Expected an object$/],
      [{ options: null }, /^options: Expected an object$/],
      [{ expect: {} }, /^Expected at least one output to compare$/],
      [{ gradients: { y: scalar(1) } }, /^Expected gradients of inputs only$/],
      [{ expect: { sum: scalar(1) }, gradients: { x } }, /^Expected gradients to come with an output called value/],
      [{ tolerance: -1 }, /^tolerance: /],
      [{ function: undefined }, /^function: /],
    ] as const
  ) {
    assert.throws(() => parse(fields), { message });
  }
});

Deno.test("parseCase() refuses what is no JSON", () => {
  for (const text of ["", "{", "NaN"]) assert.throws(() => parseCase(text), SyntaxError);
});

Deno.test("toTensor() has shape, type and values of the file", async () => {
  const tensor = toTensor({ shape: [2, 1], dtype: "int32", values: [3, -4] });
  assert.deepEqual([tensor.shape, tensor.dtype, [...await tensor.data()]], [[2, 1], "int32", [3, -4]]);
  assert.deepEqual(toTensor({ shape: [0, 2], dtype: "float32", values: [] }).shape, [0, 2]);
});

Deno.test("compare() finds nothing wrong with what is empty or equal, and names shape before values", () => {
  const want = { shape: [2], dtype: "float32" as const, values: [1, 2] };
  assert.equal(compare({ shape: [2], values: [1, 2] }, want, 0), null);
  assert.equal(compare({ shape: [0], values: [] }, { ...want, shape: [0], values: [] }, 0), null);
  assert.equal(compare({ shape: [1, 2], values: [9, 9] }, want, 0), "shape [1,2], expected [2]");
  assert.equal(compare({ shape: [2], values: [1, 2.5] }, want, 0.1), "largest error 0.250, tolerance 0.1"); // of 2
});
