import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { supConLoss, type SupConLossOptions } from "braid/losses/sup_con_loss.ts";
import {
  a,
  b,
  checkGradient,
  close,
  crossEntropy,
  dot,
  exampleA,
  exampleB,
  leavesNothing,
  type Matrix,
  mean,
  ntXentByLoop,
  unchecked,
  unit,
  value,
} from "./reference.ts";

/** The definition over views of rows, one score at a time. */
function supConByLoop(views: Matrix[], labels: number[], options: Required<SupConLossOptions>): number {
  const { temperature, baseTemperature, contrastMode, normalize } = options;
  const rows = views.flatMap((view) => view.map((z, i) => ({ z: normalize ? unit(z) : z, label: labels[i] })));
  const anchors = contrastMode === "all" ? rows : rows.slice(0, labels.length);
  return mean(anchors.map((anchor) => {
    const others = rows.filter((row) => row !== anchor);
    const scores = others.map(({ z }) => dot(anchor.z, z) / temperature);
    const positives = others.flatMap(({ label }, k) => label === anchor.label ? [crossEntropy(scores, k)] : []);
    return positives.length ? temperature / baseTemperature * mean(positives) : 0;
  }));
}

const features = (views: Matrix[]) => tf.tensor3d(views).transpose([1, 0, 2]) as tf.Tensor3D; // [batch, views, dim]
const c: Matrix = [[0, 1, 1], [1, -2, 0.5], [-1, 0.5, 2], [2, 2, -1]];
const labels = [0, 1, 0, 2];
const int = (values: number[]) => tf.tensor1d(values, "int32");

Deno.test("supConLoss() equals its definition for one to three views, both modes, normalised or not", async () => {
  for (const views of [[a], [a, b], [a, b, c]]) {
    for (const contrastMode of ["all", "one"] as const) {
      for (const normalize of [true, false]) {
        const options = { temperature: 0.3, baseTemperature: 0.7, contrastMode, normalize };
        const got = await value(supConLoss(features(views), int(labels), options));
        close(got, supConByLoop(views, labels, options));
      }
    }
  }
});

Deno.test("supConLoss() has the values of the worked example", async () => {
  const example = features([exampleA, exampleB]);
  close(await value(supConLoss(example, int([0, 1, 0]))), 11.466417, 1e-6);
  const warm = { temperature: 0.5, baseTemperature: 0.5 };
  close(await value(supConLoss(example, int([0, 1, 0]), warm)), 2.217021, 1e-6);
});

Deno.test("supConLoss() without labels is NT-Xent of two views", async () => {
  const options = { temperature: 0.2, baseTemperature: 0.2 };
  close(await value(supConLoss(features([a, b]), undefined, options)), ntXentByLoop(a, b, 0.2));
});

Deno.test("supConLoss() is log(rows - 1) when all rows are equal, whatever the classes", async () => {
  const equal = tf.ones<tf.Rank.R3>([4, 2, 3]);
  for (const classes of [[0, 0, 0, 0], [0, 1, 1, 2]]) close(await value(supConLoss(equal, int(classes))), Math.log(7));
});

Deno.test("supConLoss() is 0 when no anchor has a positive", async () => {
  assert.equal(await value(supConLoss(features([a]), int([0, 1, 2, 3]))), 0);
});

Deno.test("supConLoss() has the gradient of its definition", async () => {
  const options = { temperature: 0.5, baseTemperature: 0.5, contrastMode: "all", normalize: true } as const;
  for (const contrastMode of ["all", "one"] as const) {
    await checkGradient(
      (x) => supConLoss(tf.stack([tf.tensor2d(b), x], 1) as tf.Tensor3D, int(labels), { ...options, contrastMode }),
      (x) => supConByLoop([b, x], labels, { ...options, contrastMode }),
      a,
    );
  }
});

Deno.test("supConLoss() says what is wrong with its input", () => {
  const x = tf.ones<tf.Rank.R3>([3, 2, 4]);
  assert.throws(() => supConLoss(unchecked([3, 4])), /\[batch, views, dim\], got \[3,4\]/);
  assert.throws(() => supConLoss(tf.ones([1, 2, 4])), /at least 2 samples, got 1/);
  assert.throws(() => supConLoss(x, int([0, 1])), /labels of shape \[3\], one per sample, got \[2\]/);
  assert.throws(() => supConLoss(x, tf.tensor1d([0, 1, 2])), TypeError);
  assert.throws(() => supConLoss(x, undefined, { temperature: 0 }), /temperature to be positive/);
  assert.throws(() => supConLoss(x, undefined, { baseTemperature: 0 }), /baseTemperature to be positive/);
  const contrastMode = "two" as "one";
  assert.throws(() => supConLoss(x, undefined, { contrastMode }), /contrastMode to be "all" or "one", got two/);
});

Deno.test("supConLoss() leaves no tensor behind", () => {
  const x = tf.ones<tf.Rank.R3>([3, 2, 4]), classes = int([0, 1, 0]);
  leavesNothing(() => supConLoss(x, classes));
  leavesNothing(() => supConLoss(x));
});
