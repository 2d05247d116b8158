// One golden case: what a file of the format holds, checked.

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
