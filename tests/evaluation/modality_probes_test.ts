import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { type ModalityFeatures, modalityProbes, type ModalityProbesOptions } from "braid/evaluation/modality_probes.ts";

await useEngine("cpu");

const column = (values: ArrayLike<number>) => tf.tensor2d(Float32Array.from(values), [values.length, 1]);

/** Every combination of three bits, equally often, as -1 and 1. */
const bits = (repeats: number) =>
  [0, 1, 2].map((place) => Array.from({ length: 8 * repeats }, (_, i) => (i >> place) % 2 ? 1 : -1));

/** Probes that are trained on the samples that they are tested on: with every combination in it, nothing is left to chance. */
const probe = (samples: ModalityFeatures, options: Partial<ModalityProbesOptions> = {}) =>
  modalityProbes({ train: samples, test: samples, classes: 2, seed: 1, cs: [10], ...options });

const shareOf = (result: Awaited<ReturnType<typeof probe>>, kind: string) =>
  result.interactions.find((share) => share.kind === kind)!.share.value;

Deno.test("modalityProbes() tells a modality that carries the class from one that carries none of it", async () => {
  const [a, b] = bits(5), labels = Int32Array.from(a, (x) => Number(x > 0));
  const result = await probe({ features: { sound: column(a), image: column(b) }, labels });
  const accuracy = Object.fromEntries(result.accuracies.map(({ input, accuracy }) => [input, accuracy]));
  assert.deepEqual(accuracy, { sound: 1, image: 0.5, all: 1 });
  const [sound, image] = result.reliance;
  assert.ok(Math.abs(sound.drop.value - 0.5) < 0.1 && sound.drop.low! > 0.3, `${sound.drop.value}`);
  assert.ok(Math.abs(sound.shuffled - (1 - sound.drop.value)) < 1e-12);
  assert.deepEqual([image.drop.value, image.drop.low, image.drop.high, image.n], [0, 0, 0, 40]);
  assert.equal(shareOf(result, "unique sound"), 0.5);
  assert.equal(shareOf(result, "shared"), 0.5, "a constant guess from the image is right in half of the cases");
  assert.equal(shareOf(result, "synergy"), 0);
});

Deno.test("modalityProbes() finds the synergy of XOR in a representation that has it, and none side by side", async () => {
  const [a, b] = bits(5), labels = Int32Array.from(a, (x, i) => Number(x * b[i] > 0));
  const samples = { features: { first: column(a), second: column(b) }, labels };
  const withProduct = await probe(samples, {
    fuse: ({ first, second }) => tf.concat([first, second, first.mul<tf.Tensor2D>(second)], 1),
  });
  assert.equal(withProduct.accuracies.at(-1)!.accuracy, 1);
  assert.equal(shareOf(withProduct, "none"), 0);
  for (const { drop } of withProduct.reliance) assert.ok(drop.value > 0.4, `${drop.value}`);
  const linear = await probe(samples);
  assert.ok(linear.accuracies.at(-1)!.balancedAccuracy <= 0.5);
  assert.equal(shareOf(linear, "synergy"), 0);
});

Deno.test("modalityProbes() of a copy of a modality: shared, and no reliance that hides it", async () => {
  const [a] = bits(5), labels = Int32Array.from(a, (x) => Number(x > 0));
  const result = await probe({ features: { one: column(a), copy: column(a), noise: column(bits(5)[1]) }, labels });
  assert.equal(shareOf(result, "partly shared") + shareOf(result, "shared"), 1);
  assert.deepEqual(result.accuracies.map(({ input }) => input), ["one", "copy", "noise", "all"]);
});

Deno.test("modalityProbes() scores a modality on the samples that have it, whatever stands in the others", async () => {
  const [a, b] = bits(5), labels = Int32Array.from(a, (x) => Number(x > 0));
  const available = Int32Array.from(a.flatMap((_, i) => [i % 5 === 0 ? 0 : 1, 1]));
  const broken = a.map((x, i) => i % 5 === 0 ? -1000 * x : x);
  const result = await probe({ features: { sound: column(broken), image: column(b) }, labels, available });
  const [sound, image] = result.accuracies;
  assert.deepEqual([sound.accuracy, sound.interval.n, image.interval.n], [1, 32, 40]);
  assert.deepEqual([...result.predictions.sound].filter((p) => p === -1).length, 8);
  assert.equal(result.reliance[0].n, 32);
  assert.ok(result.interactions.every(({ share }) => share.n === 32));
});

Deno.test("modalityProbes() fills a missing modality in with its mean over the training samples that have it", async () => {
  const [a, b] = bits(1), labels = Int32Array.from(a, (x) => Number(x > 0));
  const image = [5, 7, 9, 11, 100, 100, 100, 100], available = Int32Array.from(a.flatMap((_, i) => [1, i < 4 ? 1 : 0]));
  const test = { features: { sound: column(a), image: column(b) }, labels, available: Int32Array.from(available) };
  test.available[1] = 0;
  const seen: number[][] = [];
  await modalityProbes({
    ...{ test, classes: 2, seed: 1, cs: [1], shuffles: 1 },
    train: { features: { sound: column(a), image: column(image) }, labels, available },
    fuse: (features) => {
      seen.push([...features.image.dataSync()]);
      return tf.concat([features.sound, features.image], 1);
    },
  });
  const inOrder = seen.map((values) => values.join());
  assert.ok(inOrder.includes("5,7,9,11,8,8,8,8"), "training samples");
  assert.ok(inOrder.includes([8, ...b.slice(1, 4), 8, 8, 8, 8].join()), "test samples, by the mean in training");
});

Deno.test("modalityProbes() measures no reliance on noise beyond its interval, on samples it was not trained on", async () => {
  const random = randomNumbers(1, "features");
  const make = (n: number): ModalityFeatures => {
    const labels = Int32Array.from({ length: n }, () => random.integer(3));
    const features = {
      sound: column(Array.from(labels, (label) => label + 0.3 * random.normal())),
      noise: column(Array.from(labels, () => random.normal())),
    };
    return { features, labels };
  };
  const { reliance: [sound, noise] } = await modalityProbes({
    train: make(150),
    test: make(150),
    classes: 3,
    seed: 1,
    cs: [1],
  });
  assert.ok(sound.drop.low! > 0.2);
  assert.ok(noise.drop.low! <= 0.02 && noise.drop.high! >= -0.02 && Math.abs(noise.drop.value) < 0.05);
});

Deno.test("modalityProbes() leaves no tensor behind and gives the same for the same seed", async () => {
  const [a, b] = bits(2), labels = Int32Array.from(a, (x) => Number(x > 0));
  const samples = { features: { sound: column(a), image: column(b) }, labels }, before = tf.memory().numTensors;
  const result = await probe(samples, { shuffles: 2 });
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual(await probe(samples, { shuffles: 2 }), result);
});

Deno.test("modalityProbes() says what is wrong with its input", async () => {
  const [a, b] = bits(1), labels = Int32Array.from(a, (x) => Number(x > 0));
  const good = { features: { sound: column(a), image: column(b) }, labels };
  const rejects = (changes: Partial<ModalityProbesOptions>, message: RegExp) =>
    assert.rejects(probe(good, changes), message);
  await rejects({ train: { ...good, features: { sound: column(a) } } }, /at least two modalities.* got sound/);
  await rejects({ train: { ...good, features: { all: column(a), image: column(b) } } }, /none of them called "all"/);
  await rejects(
    { test: { ...good, features: { image: column(b), sound: column(a) } } },
    /test features of sound, image/,
  );
  await rejects(
    { train: { ...good, labels: labels.subarray(1) } },
    /training features of sound to be \[7, dim\].* got \[8,1\]/,
  );
  await rejects(
    { test: { ...good, available: Int32Array.of(1) } },
    /available of the test samples to be \[8, 2\], got 1/,
  );
  await rejects(
    { test: { ...good, available: Int32Array.from(a.flatMap(() => [0, 1])) } },
    /a test sample with sound, got none/,
  );
  await rejects({ shuffles: 0 }, /shuffles to be a positive integer, got 0/);
});
