// One golden case: what a file of the format holds, checked.

import * as tf from "@tensorflow/tfjs";
import * as v from "valibot";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const tensor = v.pipe(
  v.object({
    shape: v.array(count),
    dtype: v.optional(v.picklist(["float32", "int32"]), "float32"),
    values: v.array(v.pipe(v.number(), v.finite())),
  }),
  v.check(
    ({ shape, values }) => values.length === shape.reduce((size, length) => size * length, 1),
    "Expected as many values as the shape has entries",
  ),
);

const tensors = v.record(v.string(), tensor);

// Not v.record(): that drops a key called `prototype`, which is an option of commLoss.
const options = v.custom<Record<string, unknown>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "Expected an object",
);

const goldenCase = v.pipe(
  v.object({
    case: v.string(),
    function: v.string(),
    inputs: tensors,
    options,
    expect: tensors,
    cotangents: v.optional(tensors),
    gradients: v.optional(tensors, {}),
    tolerance: v.pipe(v.number(), v.finite(), v.minValue(0)),
  }),
  v.check(({ expect }) => Object.keys(expect).length > 0, "Expected at least one output to compare"),
  v.check(
    ({ inputs, gradients }) => Object.keys(gradients).every((name) => name in inputs),
    "Expected gradients of inputs only",
  ),
  v.check(
    ({ gradients, expect, cotangents }) => !Object.keys(gradients).length || "value" in expect || !!cotangents,
    "Expected gradients to come with an output called value, or with cotangents",
  ),
);

/** A tensor as a file writes it: flat, row by row. */
export type GoldenTensor = v.InferOutput<typeof tensor>;

/** A function's name, what goes in, and what must come out. */
export type GoldenCase = v.InferOutput<typeof goldenCase>;

/**
 * @param text Content of a file.
 * @throws {Error} If it is not JSON, or not a golden case: says which field and why.
 */
export function parseCase(text: string): GoldenCase {
  const { success, output, issues } = v.safeParse(goldenCase, JSON.parse(text));
  if (success) return output;
  const [{ message }] = issues, path = v.getDotPath(issues[0]);
  throw new Error(path ? `${path}: ${message}` : message);
}

/** What is wrong with a tensor, or null. `!(error <= bound)`, since NaN is larger than nothing. */
export function compare(
  got: { shape: number[]; values: ArrayLike<number> },
  want: GoldenTensor,
  tolerance: number,
): string | null {
  if (String(got.shape) !== String(want.shape)) return `shape [${got.shape}], expected [${want.shape}]`;
  const errors = want.values.map((value, i) => Math.abs(got.values[i] - value));
  const scales = want.values.map((value) => Math.max(1, Math.abs(value)));
  if (errors.every((error, i) => error <= tolerance * scales[i])) return null;
  const largest = Math.max(...errors.map((error, i) => error / scales[i])); // NaN if one is
  return `largest error ${largest.toPrecision(3)}, tolerance ${tolerance}`;
}

/** The tensor that a file describes. */
export const toTensor = ({ values, shape, dtype }: GoldenTensor): tf.Tensor => tf.tensor(values, shape, dtype);
