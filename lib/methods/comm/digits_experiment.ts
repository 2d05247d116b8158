// CoMM on recorded data: spoken and written digits, with the same model, loss and probes as on Trifeature.

import * as tf from "@tensorflow/tfjs";
import { augmentImages, grayLight, type ImageAugmentation } from "../../augment/image.ts";
import { RandomStream } from "../../engine/random.ts";
import { randomNumbers } from "../../engine/random_numbers.ts";
import { spokenWrittenDigits, type SpokenWrittenDigitSamples } from "../../datasets/spoken_written_digits.ts";
import { logisticProbe } from "../../evaluation/logistic_probe.ts";
import { ConvEncoder } from "../../nn/conv_encoder.ts";
import { ImageTokens } from "./adapters.ts";
import { CoMM } from "./comm.ts";
import { fusedCosines, type ImagePair, namedTerms, type PairLearner, withCompiledFeatures } from "./learners.ts";
import { embedPairs, type IndexPairs, samplePool, type SamplePools } from "./pair_training.ts";

/** Width of tokens and of the fused vector. */
const DIM = 128;

/** Frames and bands of a log-mel picture vary less than its level: crop mildly, add noise. */
const soundAugmentation: ImageAugmentation = { cropScale: [0.6, 1], noise: 0.3 };

/** The digits with both modalities on the engine. */
export interface DigitsOnEngine {
  speakers: readonly string[];
  train: DigitSplit;
  test: DigitSplit;
}

/** A split: sample i is picture i with sound i. */
export interface DigitSplit {
  samples: SpokenWrittenDigitSamples;
  pools: SamplePools;
  pairs: IndexPairs;
}

/**
 * Loads the digits; sounds are standardised by mean and deviation of the training set.
 *
 * @param options `seed` of the pairing; `every`: take only every n-th sample of each split, default 1. Every fifth still has
 * all digits of all speakers.
 * @throws {RangeError} If `every` is not a positive whole number.
 */
export async function openDigits({ seed, every = 1 }: { seed: number; every?: number }): Promise<DigitsOnEngine> {
  if (!(Number.isInteger(every) && every > 0)) {
    throw new RangeError(`Expected every to be a positive whole number, got ${every}`);
  }
  const { speakers, ...splits } = await spokenWrittenDigits({ seed });
  const train = everyNth(splits.train, every), test = everyNth(splits.test, every);
  const { mean, deviation } = moments(train.sound);
  const split = (samples: SpokenWrittenDigitSamples): DigitSplit => {
    const { count, image, sound } = samples, all = Int32Array.from({ length: count }, (_, i) => i);
    const standardised = sound.map((level) => (level - mean) / deviation);
    return {
      samples,
      pools: [samplePool(image, [count, 28, 28, 1]), samplePool(standardised, [count, 64, 44, 1])],
      pairs: { first: all, second: all },
    };
  };
  return { speakers, train: split(train), test: split(test) };
}

function everyNth(
  { count, image, sound, trajectory, label, speaker }: SpokenWrittenDigitSamples,
  n: number,
): SpokenWrittenDigitSamples {
  const keep = <Values extends Float32Array | Int32Array>(values: Values): Values => {
    const size = values.length / count;
    return values.filter((_, i) => Math.floor(i / size) % n === 0) as Values;
  };
  return {
    count: Math.ceil(count / n),
    ...{ image: keep(image), sound: keep(sound), trajectory: keep(trajectory) },
    ...{ label: keep(label), speaker: keep(speaker) },
  };
}

function moments(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length) };
}

/** CoMM for a picture of 28 x 28 and a sound of 64 x 44. */
export function digitsLearner({ seed }: { seed: number }): PairLearner & Required<Pick<PairLearner, "embedMasks">> {
  const weights = new RandomStream(seed, "weights"), random = new RandomStream(seed, "augmentation");
  const encoders = [[1, 32, 64], [1, 16, 32, 64]].map((widths) =>
    new ImageTokens(new ConvEncoder(widths, { random: weights }), DIM, { random: weights })
  );
  const model = new CoMM({ encoders, dim: DIM, random: weights });
  const view = ([picture, sound]: ImagePair): ImagePair => [
    augmentImages(picture, grayLight, random),
    augmentImages(sound, soundAugmentation, random),
  ];
  return withCompiledFeatures({
    ...{ method: "CoMM" as const, model, state: { weights, augmentation: random } },
    loss: (pair: ImagePair) => namedTerms(model.loss(view(pair), view(pair))),
    embed: (pair: ImagePair) => model.embed(pair),
    embedMasks: (pair: ImagePair) => model.embedMasks(pair),
    similarities: (pair: ImagePair) => fusedCosines(model.project(view(pair)), model.project(view(pair))),
  });
}

/** Predicted digits of the test samples, by what the probe saw. */
export type DigitPredictions = Record<"image" | "sound" | "both" | "soundShuffled" | "imageShuffled", Int32Array>;

/**
 * Reads the digit off frozen vectors: of each modality alone, of both, and of both with one of them taken from another sample,
 * which shows on which one the answer rests.
 */
export async function predictDigits(
  learner: ReturnType<typeof digitsLearner>,
  { train, test }: DigitsOnEngine,
  { seed, c = 1 }: { seed: number; c?: number },
): Promise<DigitPredictions> {
  const shuffled = randomNumbers(seed, "digits/shuffled").permutation(test.samples.count);
  const { first, second } = test.pairs, ofMask = (mask: number) => (pair: ImagePair) => maskOf(learner, pair, mask);
  const fit = async (mask: number) => {
    const features = embedPairs(ofMask(mask), train.pools, train.pairs);
    const probe = await logisticProbe(features, train.samples.label, { c, classes: 10 });
    features.dispose();
    return probe;
  };
  const [image, sound, both] = [await fit(0), await fit(1), await fit(2)];
  const predict = async (probe: typeof image, mask: number, pairs: IndexPairs) => {
    const features = embedPairs(ofMask(mask), test.pools, pairs);
    const predictions = await probe.predict(features);
    features.dispose();
    return predictions;
  };
  const predictions = {
    image: await predict(image, 0, test.pairs),
    sound: await predict(sound, 1, test.pairs),
    both: await predict(both, 2, test.pairs),
    soundShuffled: await predict(both, 2, { first, second: shuffled }),
    imageShuffled: await predict(both, 2, { first: shuffled, second }),
  };
  for (const probe of [image, sound, both]) probe.dispose();
  return predictions;
}

const maskOf = (learner: ReturnType<typeof digitsLearner>, pair: ImagePair, mask: number): tf.Tensor2D =>
  tf.tidy(() => (tf.unstack(learner.embedMasks(pair)) as tf.Tensor2D[])[mask]);
