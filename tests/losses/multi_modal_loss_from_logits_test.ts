import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { multiModalLossFromLogits } from "braid/losses/multi_modal_loss_from_logits.ts";
import { closeTo, numbersOf } from "../engine/engines.ts";
import { softmaxByLoop } from "../nn/reference.ts";
import { examples, multiModalLossByLoop } from "./decisions.ts";
import { checkGradient, close, leavesNothing, type Matrix, value } from "./reference.ts";

const [{ proxies, labels, options }] = examples, batch = labels.length;
const int = tf.tensor1d(labels, "int32");
const heads = [0, 1, 2].map((m) => labels.map((_, i) => [Math.sin(3 * m + i), Math.cos(2 * i - m)]));
const decisions = (logits: Matrix[]): Matrix =>
  labels.map((_, i) => logits.flatMap((modality) => softmaxByLoop(modality[i])));

Deno.test("multiModalLossFromLogits() takes the softmax of each modality, and puts the modalities side by side", async () => {
  const got = multiModalLossFromLogits(tf.tensor3d(heads), tf.tensor2d(proxies), int, options);
  closeTo(numbersOf(got.probabilities), decisions(heads).flat());
  assert.deepEqual([got.probabilities.shape, got.logits.shape], [[batch, 6], [batch, 2]]);
  close(await value(got.value), multiModalLossByLoop(decisions(heads), proxies, labels, options));
});

Deno.test("multiModalLossFromLogits() has the gradients of its definition, for each head and for the proxies", async () => {
  for (const m of heads.keys()) {
    const put = (x: Matrix) => heads.map((head, other) => other === m ? x : head);
    await checkGradient(
      (x) => {
        const all = heads.map((head, other) => other === m ? x : tf.tensor2d(head));
        return multiModalLossFromLogits(tf.stack(all) as tf.Tensor3D, tf.tensor2d(proxies), int, options).value;
      },
      (x) => multiModalLossByLoop(decisions(put(x)), proxies, labels, options),
      heads[m],
    );
  }
  await checkGradient(
    (x) => multiModalLossFromLogits(tf.tensor3d(heads), x, int, options).value,
    (x) => multiModalLossByLoop(decisions(heads), x, labels, options),
    proxies,
  );
});

Deno.test("saturated heads give decisions of 0 and 1, a finite loss and finite gradients", async () => {
  const sure = heads.map((head) => head.map(([s]) => s > 0 ? [1e4, -1e4] : [-1e4, 1e4]));
  const run = tf.valueAndGrads((x, w) =>
    multiModalLossFromLogits(x as tf.Tensor3D, w as tf.Tensor2D, int, options).value
  );
  const { value: loss, grads } = run([tf.tensor3d(sure), tf.tensor2d(proxies)]);
  close(await value(loss), multiModalLossByLoop(decisions(sure), proxies, labels, options));
  for (const gradient of grads) assert.ok((await gradient.data()).every(Number.isFinite));
  assert.ok(numbersOf(grads[1]).some((x) => x !== 0)); // proxies still learn
});

Deno.test("multiModalLossFromLogits() says what is wrong with its input", () => {
  const run = (shape: [number, number, number]) => () =>
    multiModalLossFromLogits(tf.ones(shape), tf.tensor2d(proxies), int, options);
  assert.throws(run([batch, 3, 2]), /unimodal logits of shape \[3,batch,2\].*got \[5,3,2\]/);
  assert.throws(run([3, batch, 4]), /unimodal logits of shape \[3,batch,2\].*got \[3,5,4\]/);
  assert.throws(run([3, batch - 1, 2]), /labels of shape \[4\]/);
  const flat = tf.ones([batch, 6]) as unknown as tf.Tensor3D;
  assert.throws(() => multiModalLossFromLogits(flat, tf.tensor2d(proxies), int, options), /got \[5,6\]/);
});

Deno.test("multiModalLossFromLogits() leaves no tensor behind", () => {
  const x = tf.tensor3d(heads), w = tf.tensor2d(proxies);
  leavesNothing(() => ({ ...multiModalLossFromLogits(x, w, int, options) }));
});
