// The runner passes what is right and fails all else, whatever the way in which it is wrong.

import * as tf from "@tensorflow/tfjs";
import { join } from "node:path";
import assert from "node:assert/strict";
import type { Call } from "braid/cli/golden/call.ts";
import { compare, parseCase } from "braid/evaluation/golden_case.ts";
import { runCase, runFolders } from "braid/cli/golden/runner.ts";

await tf.setBackend("cpu");

/** f(x) = sum of x², with x doubled and its length beside it. */
const calls: Record<string, Call> = {
  squares: ({ x }) => ({ value: x.square().sum(), doubled: x.mul(2), length: tf.scalar(x.size, "int32") }),
  later: ({ x }) => Promise.resolve({ value: x.sum() }),
  broken: () => {
    throw new RangeError("Expected more, got less");
  },
};

const vector = (...values: number[]) => ({ shape: [values.length], values });
const scalar = (value: number) => ({ shape: [], values: [value] });
const x = { ...vector(1, -2, 3), dtype: "float32" };

/** A case of `squares` that is right, with some of its fields replaced. */
const golden = (fields: Record<string, unknown> = {}) => ({
  case: "planted",
  function: "squares",
  inputs: { x },
  options: {},
  expect: { value: scalar(14), doubled: vector(2, -4, 6), length: { ...scalar(3), dtype: "int32" } },
  gradients: { x: vector(2, -4, 6) },
  tolerance: 1e-5,
  ...fields,
});
const failures = (fields?: Record<string, unknown>) => runCase(parseCase(JSON.stringify(golden(fields))), calls);

Deno.test("a case passes when outputs and gradients agree", async () => {
  assert.deepEqual(await failures(), []);
});

Deno.test("a case may list fewer outputs than the function returns, and an asynchronous function has values", async () => {
  assert.deepEqual(await failures({ expect: { value: scalar(14) } }), []);
  assert.deepEqual(await failures({ function: "later", expect: { value: scalar(2) }, gradients: {} }), []);
});

Deno.test("cotangents say what the gradient is of", async () => {
  const expect = { doubled: vector(2, -4, 6) }, cotangents = { doubled: vector(1, 10, 0) };
  assert.deepEqual(await failures({ expect, cotangents, gradients: { x: vector(2, 20, 0) } }), []);
  assert.deepEqual(await failures({ expect, cotangents, gradients: { x: vector(2, 20, 1) } }), [
    "gradient of x: largest error 1.00, tolerance 0.00001",
  ]);
});

Deno.test("a planted wrong value or gradient fails, with its error", async () => {
  assert.deepEqual(await failures({ expect: { value: scalar(14.01) } }), [
    "value: largest error 0.000714, tolerance 0.00001", // relative to 14.01
  ]);
  assert.deepEqual(await failures({ gradients: { x: vector(2, -4, 6.1) } }), [
    "gradient of x: largest error 0.0164, tolerance 0.00001",
  ]);
});

Deno.test("a wrong shape, a missing output and a missing function fail", async () => {
  assert.deepEqual(await failures({ expect: { value: vector(14) } }), ["value: shape [], expected [1]"]);
  assert.deepEqual(await failures({ expect: { value: scalar(14), other: scalar(1) } }), ["other: missing"]);
  assert.deepEqual(await failures({ function: "cubes" }), ["no such function"]);
  assert.deepEqual(await failures({ function: "constructor" }), ["no such function"]);
});

Deno.test("NaN and infinity fail", async () => {
  const want = { shape: [1], values: [1], dtype: "float32" as const };
  for (const wrong of [NaN, Infinity, -Infinity]) {
    assert.match(compare({ shape: [1], values: [wrong] }, want, 1e9) ?? "passed", /largest error (NaN|Infinity)/);
  }
  const huge = { inputs: { x: vector(1e30, 1) }, expect: { value: scalar(1) }, gradients: {} };
  assert.match((await failures(huge))[0], /value: largest error Infinity/);
});

Deno.test("the tolerance is absolute up to 1 and relative above", () => {
  const passes = (got: number, want: number) =>
    compare({ shape: [], values: [got] }, { shape: [], values: [want], dtype: "float32" }, 0.01) === null;
  assert.ok(passes(0.009, 0) && !passes(0.011, 0));
  assert.ok(passes(100.9, 100) && !passes(101.1, 100) && passes(-100.9, -100) && !passes(100, -100));
});

Deno.test("a function that throws fails, and so does the gradient of one that computes later", async () => {
  assert.deepEqual(await failures({ function: "broken" }), ["RangeError: Expected more, got less"]);
  assert.match((await failures({ function: "later" }))[0], /Expected later to be synchronous/);
});

Deno.test("an option called prototype reaches the function", () => {
  assert.deepEqual(parseCase(JSON.stringify(golden({ options: { prototype: 0 } }))).options, { prototype: 0 });
});

Deno.test("running a case leaves no tensor behind", async () => {
  const before = tf.memory().numTensors;
  await failures();
  await failures({ function: "broken" });
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("a folder's files all count: right, wrong, malformed and of no known function", async () => {
  const folder = await Deno.makeTempDir();
  const files: Record<string, string> = {
    "a/right.json": JSON.stringify(golden()),
    "a/wrong.json": JSON.stringify(golden({ gradients: { x: vector(0, 0, 0) } })),
    "b/unknown.json": JSON.stringify(golden({ function: "cubes" })),
    "b/cut.json": JSON.stringify(golden()).slice(0, 50),
    "b/list.json": "[]",
    "b/short.json": JSON.stringify(golden({ expect: { value: { shape: [2], values: [1] } } })),
    "b/nan.json": JSON.stringify(golden()).replace('"tolerance":0.00001', '"tolerance":null'),
    "b/aimless.json": JSON.stringify(golden({ expect: { doubled: vector(2, -4, 6) } })),
    "b/notes.md": "no case",
  };
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(join(folder, name, ".."), { recursive: true });
    await Deno.writeTextFile(join(folder, name), text);
  }
  const lines: string[] = [], report = (line: string) => lines.push(line.replaceAll(folder, ""));
  assert.deepEqual(await runFolders([folder], { calls, report }), { passed: 1, failed: 7 });
  assert.deepEqual(lines.map((line) => line.split(":")[0]), [
    "squares planted",
    "/b/aimless.json",
    "/b/cut.json",
    "/b/list.json",
    "/b/nan.json",
    "/b/short.json",
    "cubes planted",
  ]);
  lines.length = 0;
  assert.deepEqual(await runFolders([join(folder, "a")], { calls, report, only: ["squares", "cubes"] }), {
    passed: 1,
    failed: 2, // nothing of cubes there
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a folder that is empty or not there counts as failed", async () => {
  const folder = await Deno.makeTempDir(), lines: string[] = [];
  const missing = join(folder, "missing"), report = (line: string) => lines.push(line);
  assert.deepEqual(await runFolders([folder, missing], { calls, report }), { passed: 0, failed: 2 });
  assert.match(lines[0], /no \.json file$/);
  assert.ok(lines[1].startsWith(`${missing}: `));
  await Deno.remove(folder);
});
