// The three ways to learn from pairs of pictures that the paper compares, with their augmentations, behind one interface.

import * as tf from "@tensorflow/tfjs";
import { augmentImages, type ImageAugmentation, mildCrop, normalizeImages, simClrLight } from "../../augment/image.ts";
import { RandomStream } from "../../engine/random.ts";
import { AlexNetTrunk } from "../../nn/alex_net.ts";
import { ConvEncoder, type ImageEncoder } from "../../nn/conv_encoder.ts";
import type { Module } from "../../nn/module.ts";
import { AdamW } from "../../training/adam_w.ts";
import type { StepResult } from "../../training/train.ts";
import { ImageTokens } from "./adapters.ts";
import { CoMM } from "./comm.ts";
import { Cross, CrossSelf } from "./cross.ts";

/** The methods that learn from pairs. */
export const pairMethods = ["CoMM", "Cross", "Cross+Self"] as const;

/** Name of a method. */
export type PairMethod = typeof pairMethods[number];

/** Two batches of pictures in 0..1, `[batch, size, size, 3]`, row by row the same samples. */
export type ImagePair = [tf.Tensor4D, tf.Tensor4D];

/** What learns from pairs of pictures. */
export interface PairLearner {
  method: PairMethod;
  model: Module;
  /** The loss of a batch with its terms, everything augmented anew. */
  loss(pair: ImagePair): StepResult;
  /** The features that probes read, `[batch, features]`. */
  embed(pair: ImagePair): tf.Tensor2D;
  /** The same from each modality alone where the method can: `[masks, batch, features]`. */
  embedMasks?(pair: ImagePair): tf.Tensor3D;
  /** Where augmentations are drawn. */
  random: RandomStream;
}

/** Sizes of a learner. */
export interface LearnerOptions {
  /** Channels of the small encoder's layers from the picture on, or AlexNet's convolutions as published. */
  encoder: number[] | "AlexNet";
  /** Width of CoMM's tokens and fused vector. */
  dim: number;
  /** Seed of weights and augmentations. */
  seed: number;
}

/** A learner with fresh weights. */
export function pairLearner(method: PairMethod, { encoder, dim, seed }: LearnerOptions): PairLearner {
  if (!pairMethods.includes(method)) {
    throw new RangeError(`Expected a method of ${pairMethods.join(", ")}, got "${method}"`);
  }
  const weights = new RandomStream(seed, "weights"), random = new RandomStream(seed, "augmentation");
  const newEncoder = (): ImageEncoder =>
    encoder === "AlexNet" ? new AlexNetTrunk({ random: weights }) : new ConvEncoder(encoder, { random: weights });
  const encoders: [ImageEncoder, ImageEncoder] = [newEncoder(), newEncoder()];
  const view = (pair: ImagePair, augmentation: ImageAugmentation) =>
    pair.map((images) => normalizeImages(augmentImages(images, augmentation, random))) as ImagePair;

  switch (method) {
    case "CoMM": {
      const tokens = encoders.map((images) => new ImageTokens(images, dim, { random: weights }));
      const model = new CoMM({ encoders: tokens, dim, random: weights });
      const loss = (pair: ImagePair) => {
        const { value, terms } = model.loss(view(pair, simClrLight), view(pair, simClrLight));
        const [first, second, both] = tf.unstack(terms) as tf.Scalar[];
        return { value, first, second, both };
      };
      const embed = (pair: ImagePair) => model.embed(view(pair, mildCrop));
      const embedMasks = (pair: ImagePair) => model.embedMasks(view(pair, mildCrop));
      return { method, model, random, loss, embed, embedMasks };
    }
    case "Cross": {
      const model = new Cross({ encoders, random: weights });
      const loss = (pair: ImagePair) => ({ value: model.loss(view(pair, mildCrop)) });
      return { method, model, random, loss, embed: (pair) => model.embed(view(pair, mildCrop)) };
    }
    case "Cross+Self": {
      const model = new CrossSelf({ encoders, random: weights });
      const loss = (pair: ImagePair) => ({
        value: model.loss(view(pair, mildCrop), [view(pair, simClrLight), view(pair, simClrLight)]),
      });
      return { method, model, random, loss, embed: (pair) => model.embed(view(pair, mildCrop)) };
    }
  }
}

/** The paper's optimiser: AdamW, decay only on tensors with at least two axes, and on the CLS token. */
export function pairOptimizer({ model }: PairLearner, { learningRate = 3e-4, weightDecay = 1e-4 } = {}): AdamW {
  const decays = (name: string, parameter: tf.Variable) => parameter.rank >= 2 || name.endsWith("cls");
  return new AdamW(model.parameters(), { learningRate, weightDecay, decays });
}
