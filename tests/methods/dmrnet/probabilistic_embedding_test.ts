import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { pmeHead, pmeSample, ProbabilisticEmbedding } from "braid/methods/dmrnet/probabilistic_embedding.ts";
import { closeTo, numbersOf, wave } from "../../engine/engines.ts";
import { leavesNothing } from "../../losses/reference.ts";
import {
  batchNormByLoop,
  followsDefinition,
  linearByLoop,
  type Matrix,
  setIrregular,
  type State,
  within,
} from "../../nn/reference.ts";

await useEngine();
const random = new RandomStream(4, "weights");

Deno.test("pmeSample() draws from the Gaussian in training, and is its mean otherwise", () => {
  for (const shape of [[2, 3], [2, 2, 2, 3]]) {
    const [mu, logVariance, epsilon] = [0, 1, 2].map((phase) => wave(shape, phase));
    const [m, v, e] = [mu, logVariance, epsilon].map(numbersOf);
    const drawn = pmeSample(mu, logVariance, epsilon, { training: true });
    closeTo(numbersOf(drawn.z), m.map((value, i) => value + Math.sqrt(Math.exp(v[i])) * e[i]));
    const still = pmeSample(mu, logVariance, epsilon, { training: false });
    assert.deepEqual(numbersOf(still.z), m);
    for (const { sigma } of [drawn, still]) closeTo(numbersOf(sigma), v.map((value) => Math.exp(value / 2)));
    assert.deepEqual(drawn.z.shape, shape);
  }
});

Deno.test("pmeSample() draws with the mean and the spread that it is given", () => {
  const [mu, logVariance] = [tf.fill([20_000, 1], -3), tf.fill([20_000, 1], Math.log(4))];
  const { z } = pmeSample(mu, logVariance, random.normal([20_000, 1]), { training: true });
  const { mean, variance } = tf.moments(z);
  assert.ok(Math.abs(numbersOf(mean)[0] + 3) < 4 * 2 / Math.sqrt(20_000));
  assert.ok(Math.abs(numbersOf(variance)[0] - 4) < 4 * 4 * Math.sqrt(2 / 20_000));
});

Deno.test("pmeSample() passes the gradient to the mean whole, and to the log-variance by half of the noise", () => {
  const [mu, logVariance, epsilon, weights] = [0, 1, 2, 3].map((phase) => wave([2, 3], phase));
  const drawn = (training: boolean) =>
    tf.grads((m, v) => pmeSample(m, v, epsilon, { training }).z.mul(weights).sum())([mu, logVariance]);
  const [v, e, w] = [logVariance, epsilon, weights].map(numbersOf), [ofMean, ofVariance] = drawn(true);
  closeTo(numbersOf(ofMean), w);
  closeTo(numbersOf(ofVariance), w.map((weight, i) => weight * e[i] * Math.exp(v[i] / 2) / 2));
});

Deno.test("pmeSample() stays finite for log-variances far from 0, takes one sample and none", () => {
  for (const logVariance of [-1e6, -100, 100, 170]) {
    const { z, sigma } = pmeSample(tf.ones([1, 1]), tf.fill([1, 1], logVariance), tf.ones([1, 1]), { training: true });
    closeTo(numbersOf([z, sigma]), [1 + Math.exp(logVariance / 2), Math.exp(logVariance / 2)]);
  }
  const none = tf.zeros([0, 3]);
  assert.deepEqual(pmeSample(none, none, none, { training: true }).z.shape, [0, 3]);
});

Deno.test("pmeSample() refuses shapes that would broadcast", () => {
  const full = tf.ones([4, 3]), row = tf.ones([1, 3]);
  for (const [mu, logVariance, epsilon] of [[full, row, full], [full, full, row], [row, full, full]]) {
    for (const training of [true, false]) {
      assert.throws(() => pmeSample(mu, logVariance, epsilon, { training }), /of one shape, got \[\d,3\], /);
    }
  }
});

const DIM = 3, CLASSES = 2;

/** Logits, mean and log-variance of each sample, side by side. */
function headByLoop(
  state: State,
  features: Matrix,
  epsilon: Matrix,
  { training = true, limit = Infinity } = {},
): Matrix {
  const part = (name: string): Matrix => {
    const own = within(state, `${name}.`),
      running = { mean: own["norm.running_mean"], variance: own["norm.running_var"] };
    const mapped = features.map((row) => linearByLoop(row, own["linear.weight"], own["linear.bias"]));
    return batchNormByLoop(mapped, own["norm.weight"], own["norm.bias"], training ? undefined : running).output;
  };
  const mu = part("mean");
  const logVariance = part("log_variance").map((row) => row.map((v) => Math.max(-limit, Math.min(limit, v))));
  return mu.map((row, i) => {
    const z = row.map((m, d) => training ? m + Math.exp(logVariance[i][d] / 2) * epsilon[i][d] : m);
    return [...linearByLoop(z, state["predictor.weight"], state["predictor.bias"]), ...row, ...logVariance[i]];
  });
}

function irregularHead(): ProbabilisticEmbedding {
  const head = new ProbabilisticEmbedding(DIM, CLASSES, { random });
  setIrregular(head);
  for (const [i, { norm }] of [head.mean, head.logVariance].entries()) {
    norm.runningMean.assign(wave([DIM], i));
    norm.runningVar.assign(wave<tf.Rank.R1>([DIM], i + 2).square().add(0.5));
  }
  return head;
}

Deno.test("ProbabilisticEmbedding is its definition, training or not, with and without a limit", () => {
  const noise = wave<tf.Rank.R2>([5, DIM], 7), epsilon = noise.arraySync() as Matrix;
  for (const training of [true, false]) {
    for (const limit of [undefined, 0.6]) {
      const head = irregularHead();
      followsDefinition(
        head,
        (x) => {
          const { logits, mu, logVariance } = head.forward(x as tf.Tensor2D, noise, { training, limit });
          return tf.concat([logits, mu, logVariance], 1);
        },
        (state, x: Matrix) => headByLoop(state, x, epsilon, { training, limit }),
        wave([5, DIM]),
        1e-3,
      );
    }
  }
});

Deno.test("ProbabilisticEmbedding moves both running statistics in training, and only then", () => {
  const head = new ProbabilisticEmbedding(DIM, CLASSES, { random }),
    x = wave<tf.Rank.R2>([5, DIM]),
    noise = tf.zerosLike(x);
  const statistics = () =>
    [head.mean, head.logVariance].map(({ norm: { runningMean, runningVar } }) => numbersOf([runningMean, runningVar]));
  const before = statistics();
  head.forward(x, noise, { training: false });
  assert.deepEqual(statistics(), before);
  head.forward(x, noise, { training: true });
  for (const [i, { linear }] of [head.mean, head.logVariance].entries()) {
    const mapped = linear.forward(x).arraySync() as Matrix;
    const { mean, unbiased } = batchNormByLoop(mapped, [1, 1, 1], [0, 0, 0]);
    closeTo(statistics()[i], [...mean.map((m) => 0.1 * m), ...unbiased.map((v) => 0.9 + 0.1 * v)]);
  }
});

Deno.test("outside of training the noise is not looked at, and one sample will do", () => {
  const head = irregularHead(), x = wave<tf.Rank.R2>([1, DIM]), options = { training: false };
  const [one, other] = [0, NaN].map((noise) => head.forward(x, tf.fill([1, DIM], noise), options));
  assert.deepEqual(numbersOf({ ...one }), numbersOf({ ...other }));
  assert.throws(() => head.forward(x, tf.zeros([1, DIM]), { training: true }), /at least 2 rows.*got 1/);
});

Deno.test("a limit keeps loss and gradients finite where the log-variance runs away", () => {
  const head = irregularHead(), x = wave<tf.Rank.R2>([5, DIM]), noise = wave<tf.Rank.R2>([5, DIM], 7);
  head.logVariance.norm.weight.assign(tf.fill([DIM], 1e6));
  const run = (limit?: number) =>
    tf.variableGrads(() => {
      const { logits, logVariance } = head.forward(x, noise, { training: true, limit });
      return tf.add(logits.sum(), logVariance.exp().sum()) as tf.Scalar;
    });
  const finite = ({ value, grads }: ReturnType<typeof run>) => numbersOf([value, grads]).every(Number.isFinite);
  assert.ok(finite(run(10)));
  assert.ok(!finite(run()));
});

Deno.test("pmeHead() says what is wrong with its input", () => {
  const head = irregularHead(), noise = tf.zeros<tf.Rank.R2>([4, DIM]), options = { training: true };
  const run = (features: tf.Tensor, epsilon = noise, more = {}) => () =>
    pmeHead(features as tf.Tensor2D, head, epsilon, { ...options, ...more });
  assert.throws(run(tf.ones([4, DIM + 1])), /last axis to have 3 entries.*got \[4,4\]/);
  assert.throws(run(tf.ones([4, 2, DIM])), /features of shape \[batch, in\], got \[4,2,3\]/);
  assert.throws(run(tf.ones([4, DIM]), tf.zeros([4, DIM - 1])), /of one shape.*\[4,2\]/);
  for (const limit of [0, -1, NaN]) {
    assert.throws(run(tf.ones([4, DIM]), noise, { limit }), new RegExp(`limit to be positive, got ${limit}`));
  }
});

Deno.test("the probabilistic embedding leaves no tensor behind", () => {
  const head = irregularHead(), x = wave<tf.Rank.R2>([5, DIM]), noise = wave<tf.Rank.R2>([5, DIM], 7);
  for (const training of [true, false]) {
    leavesNothing(() => ({ ...pmeSample(x, x, noise, { training }) }));
    leavesNothing(() => {
      const { running: { mean, logVariance }, ...output } = pmeHead(x, head, noise, { training, limit: 10 });
      return [output, { ...mean }, { ...logVariance }];
    });
    leavesNothing(() => ({ ...head.forward(x, noise, { training }) }));
  }
});
