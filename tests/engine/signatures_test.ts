// Values by the shapes and types of arguments: what is kept, what goes, and what the warning says.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { BySignature, MOST_SIGNATURES } from "braid/engine/signatures.ts";

/** An argument, as far as its signature goes. */
const argument = (dtype: string, ...shape: number[]) => ({ dtype, shape }) as unknown as tf.Tensor;

const x = (size: number) => [argument("float32", size)];

/** Keeps so many sizes for a function; the warnings. */
function warningsFor(called: { toString(): string }, calls: tf.Tensor[][]): string[] {
  const warn = console.warn, warnings: string[] = [], kept = new BySignature<number>(called, () => {});
  console.warn = (text: string) => void warnings.push(text);
  try {
    calls.forEach((inputs, i) => kept.set(inputs, i));
  } finally {
    console.warn = warn;
  }
  return warnings;
}

const sizes = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

Deno.test("shapes, types and the number of arguments tell signatures apart", () => {
  const kept = new BySignature<number>(() => {}, () => {});
  const signatures = [
    [],
    [argument("float32")],
    [argument("int32")],
    [argument("float32", 2, 3)],
    [argument("float32", 23)],
    [argument("float32", 2), argument("float32", 3)],
    [argument("float32", 3), argument("float32", 2)],
    [argument("float32", 0)],
  ];
  signatures.forEach((inputs, i) => kept.set(inputs, i));
  assert.deepEqual(signatures.map((inputs) => kept.get(inputs)), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.equal(kept.get([argument("bool")]), undefined);
});

Deno.test("what goes is dropped once: replaced, deleted, cleared, or used longest ago", () => {
  const dropped: string[] = [], kept = new BySignature<string>((x: tf.Tensor) => x, (value) => dropped.push(value));
  kept.set(x(1), "first");
  kept.set(x(1), "second");
  assert.deepEqual(dropped.splice(0), ["first"]);
  kept.delete(x(1));
  kept.delete(x(1));
  assert.deepEqual(dropped.splice(0), ["second"]);

  const warn = console.warn;
  console.warn = () => {};
  for (const size of sizes(MOST_SIGNATURES)) kept.set(x(size), `size ${size}`);
  kept.get(x(1));
  kept.set(x(99), "one more");
  console.warn = warn;
  assert.deepEqual(dropped.splice(0), ["size 2"]);
  kept.clear();
  assert.deepEqual(dropped.sort(), ["one more", "size 1", ...sizes(MOST_SIGNATURES).slice(2).map((s) => `size ${s}`)]);
  assert.equal(kept.get(x(1)), undefined);
});

Deno.test("the ninth signature warns once, of the arguments that vary, by number, name, shapes and what to do", () => {
  const calls = sizes(20).map((
    size,
  ) => [argument("float32", size, 3), argument("float32", 4), argument("int32", size)]);
  assert.deepEqual(warningsFor(() => {}, calls.slice(0, MOST_SIGNATURES)), []);
  const [warning, ...rest] = warningsFor((images: tf.Tensor, _weights: tf.Tensor, labels: tf.Tensor) => {
    return [images, labels];
  }, calls);
  assert.equal(rest.length, 0);
  assert.match(
    warning,
    /argument 0 \(images\) as float32\[1,3\], float32\[2,3\], .*float32\[9,3\]; argument 2 \(labels\)/,
  );
  assert.match(warning, /at most 8 .* drop the last batch of an epoch, or pad/);
  assert.doesNotMatch(warning, /weights|argument 1/);
});

Deno.test("parameters are named where the source lists bare names, else only numbered", () => {
  const named = [
    function step(images: tf.Tensor) {
      return images;
    },
    (images: tf.Tensor) => images,
    "images => images",
    "async (images, labels) => { (other) }",
    "method(images) { return images; }",
    "function* (images) {}",
  ];
  for (const called of named) assert.match(warningsFor(called, sizes(9).map(x))[0], /argument 0 \(images\) as/);
  const nameless = [
    (...images: tf.Tensor[]) => images,
    "({ images }) => images",
    "(images = f(1)) => images",
    "() => 1",
  ];
  for (const called of nameless) assert.match(warningsFor(called, sizes(9).map(x))[0], /argument 0 as/);
});

Deno.test("an argument that only some calls have counts as one that varies", () => {
  const calls = sizes(9).map((count) => Array.from({ length: count }, () => argument("float32", 2)));
  assert.match(warningsFor(() => {}, calls)[0], /argument 1 as missing, float32\[2\];/);
});
