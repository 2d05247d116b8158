import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { Linear } from "braid/nn/linear.ts";
import { Module } from "braid/nn/module.ts";
import { summarize } from "braid/nn/summary.ts";

await useEngine("cpu");
const random = new RandomStream(0, "weights");

class Block extends Module {
  first = new Linear(2, 3, { random });
  second = new Linear(3, 2, { random, bias: false });
}

class Model extends Module {
  blocks = [new Block(), new Block()];
  head = new Linear(2, 5, { random });
}

const summary = (depth?: number) =>
  summarize(new Model(), depth).map(({ part, tensors, parameters }) => `${part} ${tensors} ${parameters}`);

Deno.test("summarize() counts tensors and numbers of each part, and of all", () => {
  const block = 2 * 3 + 3 + 3 * 2, head = 2 * 5 + 5;
  assert.deepEqual(summary(), [
    `blocks.0 3 ${block}`,
    `blocks.1 3 ${block}`,
    `head 2 ${head}`,
    `all 8 ${2 * block + head}`,
  ]);
});

Deno.test("summarize() names parts as deep as asked for, and a layer never by its tensors", () => {
  assert.deepEqual(summary(1), ["blocks 6 30", "head 2 15", "all 8 45"]);
  const layers = ["blocks.0.first 2 9", "blocks.0.second 1 6", "blocks.1.first 2 9", "blocks.1.second 1 6"];
  assert.deepEqual(summary(3), [...layers, "head 2 15", "all 8 45"]);
  assert.deepEqual(summary(9), summary(3));
});

Deno.test("summarize() of a single layer has its tensors as parts", () => {
  const parts = summarize(new Linear(2, 5, { random })).map(({ part, parameters }) => [part, parameters]);
  assert.deepEqual(parts, [["weight", 10], ["bias", 5], ["all", 15]]);
});
