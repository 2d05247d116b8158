import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { proxyAssignments } from "braid/methods/multimodal_loss/proxy_assignments.ts";
import { closeTo, numbersOf } from "../../engine/engines.ts";
import { decisionByLoop, examples, unitProxy } from "../../losses/decisions.ts";
import { leavesNothing } from "../../losses/reference.ts";

Deno.test("proxyAssignments() finds each sample's nearest proxy, with its class and slot", () => {
  for (const { probabilities, proxies, options } of examples) {
    const got = proxyAssignments(tf.tensor2d(probabilities), tf.tensor2d(proxies), options);
    const nearest = probabilities.map((e) => {
      const { similarity } = decisionByLoop(e, proxies, options);
      return similarity.indexOf(Math.max(...similarity));
    });
    assert.deepEqual(numbersOf(got.proxy), nearest);
    assert.deepEqual(numbersOf(got.class), nearest.map((j) => Math.floor(j / options.proxiesPerClass)));
    assert.deepEqual(numbersOf(got.slot), nearest.map((j) => j % options.proxiesPerClass));
    assert.deepEqual([got.proxy, got.class, got.slot].map(({ dtype }) => dtype), ["int32", "int32", "int32"]);
  }
});

Deno.test("proxyAssignments() gives each modality its share of each proxy", () => {
  for (const { probabilities, proxies, options: { classes, modalities, proxiesPerClass } } of examples) {
    const layout = { classes, modalities, proxiesPerClass };
    const { contribution } = proxyAssignments(tf.tensor2d(probabilities), tf.tensor2d(proxies), layout);
    const want = proxies[0].map((_, j) =>
      Array.from(
        { length: modalities },
        (_, m) => unitProxy(proxies, j).slice(m * classes, (m + 1) * classes).reduce((sum, x) => sum + x * x, 0),
      )
    );
    assert.deepEqual(contribution.shape, [classes * proxiesPerClass, modalities]);
    closeTo(numbersOf(contribution), want.flat());
  }
});

Deno.test("the first of equally similar proxies counts, and a proxy of nothing has no shares", () => {
  const layout = { classes: 2, modalities: 1, proxiesPerClass: 2 };
  const proxies = tf.tensor2d([[-1, 1, 2, 1], [-1, 0, 0, 0]]);
  const { proxy, class: of, slot, contribution } = proxyAssignments(tf.tensor2d([[1, 0]]), proxies, layout);
  assert.deepEqual(numbersOf([proxy, of, slot]), [1, 0, 1]);
  assert.deepEqual(numbersOf(contribution), [0, 1, 1, 1]);
  assert.deepEqual(proxyAssignments(tf.zeros([0, 2]), proxies, layout).proxy.shape, [0]);
});

Deno.test("proxyAssignments() says what is wrong with its input and leaves no tensor behind", () => {
  const e = tf.ones<tf.Rank.R2>([4, 6]), proxies = tf.ones<tf.Rank.R2>([6, 8]), [{ options }] = examples;
  assert.throws(() => proxyAssignments(tf.ones([4, 5]), proxies, options), /shape \[batch,6\].*got \[4,5\]/);
  assert.throws(() => proxyAssignments(e, tf.ones([6, 9]), options), /proxies of shape \[6,8\].*got \[6,9\]/);
  leavesNothing(() => ({ ...proxyAssignments(e, proxies, options) }));
});
