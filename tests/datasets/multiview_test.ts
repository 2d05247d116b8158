import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { multiviewBatch, useEngine } from "braid";
import { selectSamples, splitSamples } from "braid/datasets/multiview.ts";
import { card, incomplete } from "./multiview_samples.ts";

await useEngine("cpu");

Deno.test("selectSamples() picks views, labels, columns, rows and masks alike, in the order asked for", () => {
  assert.deepEqual(selectSamples(incomplete, Int32Array.of(3, 1, 3)), {
    count: 3,
    views: {
      picture: { width: 2, features: Float32Array.of(5, 10, 0, 0, 5, 10) },
      sound: { width: 1, features: Float32Array.of(0, 4, 0), names: ["loudness"] },
    },
    label: Int32Array.of(0, 1, 0),
    columns: { speaker: ["eve", "bob", "eve"] },
    row: Int32Array.of(13, 11, 13),
    available: Int32Array.of(1, 0, 0, 1, 1, 0),
  });
});

Deno.test("selectSamples() copies: what is done to the copy leaves the samples as they are", () => {
  const { views, label } = selectSamples(incomplete, Int32Array.of(0));
  views.picture.features[0] = label[0] = 99;
  assert.deepEqual([incomplete.views.picture.features[0], incomplete.label[0]], [1, 0]);
});

Deno.test("splitSamples() deals the samples out and counts them in the card", () => {
  const rows = { train: Int32Array.of(0, 2), validation: Int32Array.of(1), test: Int32Array.of(3) };
  const { card: counted, train, validation, test } = splitSamples(incomplete, rows, card);
  assert.deepEqual(counted, { ...card, splits: { train: 2, validation: 1, test: 1 } });
  assert.deepEqual([...train.row, ...validation.row, ...test.row], [10, 12, 11, 13]);
});

Deno.test("multiviewBatch() puts the asked samples on the engine, with the mask of missing views", async () => {
  const { views, label, available } = multiviewBatch(incomplete, Int32Array.of(2, 1));
  assert.deepEqual(Object.keys(views), ["picture", "sound"]);
  assert.deepEqual(await views.picture.array(), [[3, 10], [0, 0]]);
  assert.deepEqual(await views.sound.array(), [[6], [4]]);
  assert.deepEqual([await label.array(), label.dtype], [[1, 1], "int32"]);
  assert.deepEqual([await available!.array(), available!.dtype], [[[1, 1], [0, 1]], "int32"]);
  tf.dispose([views, label, available!]);
});

Deno.test("multiviewBatch() has no mask where every sample is complete", () => {
  const { available: _, ...complete } = incomplete;
  const batch = multiviewBatch(complete);
  assert.ok(!("available" in batch));
  assert.deepEqual(batch.views.picture.shape, [4, 2]); // all rows by default
  tf.dispose([batch.views, batch.label]);
});

Deno.test("multiviewBatch() of no rows has tensors of no rows, and makes no tensor but those it returns", () => {
  const before = tf.memory().numTensors;
  const batch = multiviewBatch(incomplete, new Int32Array(0));
  assert.deepEqual([batch.views.picture.shape, batch.views.sound.shape], [[0, 2], [0, 1]]);
  assert.deepEqual([batch.label.shape, batch.available!.shape], [[0], [0, 2]]);
  assert.equal(tf.memory().numTensors, before + 4);
  tf.dispose([batch.views, batch.label, batch.available!]);
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("multiviewBatch() refuses rows that are not there", () => {
  for (const row of [-1, 4]) {
    assert.throws(() => multiviewBatch(incomplete, Int32Array.of(0, row)), {
      name: "RangeError",
      message: `Expected rows from 0 to 3, got ${row}`,
    });
  }
});
