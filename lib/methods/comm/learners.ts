// The ways to learn from pairs of pictures that the paper compares, with their augmentations, behind one interface.

import * as tf from "@tensorflow/tfjs";
import {
  augmentImages,
  type ImageAugmentation,
  mildCrop,
  normalizeImages,
  simClrLight,
  wholeImage,
} from "../../augment/image.ts";
import { compile } from "../../engine/compile.ts";
import { RandomStream } from "../../engine/random.ts";
import { AlexNetTrunk } from "../../nn/alex_net.ts";
import { ConvEncoder, type ImageEncoder } from "../../nn/conv_encoder.ts";
import type { CommLoss } from "../../losses/comm_loss.ts";
import { unitRows } from "../../losses/rows.ts";
import type { Module } from "../../nn/module.ts";
import { Adam } from "../../training/adam.ts";
import { AdamW } from "../../training/adam_w.ts";
import type { Stateful } from "../../training/checkpoints.ts";
import type { NamedParameters, Optimizer } from "../../training/optimizer.ts";
import type { StepResult } from "../../training/train.ts";
import { ImageTokens, PooledImage } from "./adapters.ts";
import { CoMM } from "./comm.ts";
import { Cross, CrossSelf } from "./cross.ts";
import { FactorCL, type FactorViews } from "./factor_cl.ts";
import { VectorFusion } from "./vector_fusion.ts";

/** The methods that learn from pairs. */
export const pairMethods = ["CoMM", "Cross", "Cross+Self", "FactorCL"] as const;

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
  /** The features that probes read, `[batch, features]`; compiled, since probes ask often. */
  embed(pair: ImagePair): tf.Tensor2D;
  /** Cosines of what the loss pulls together, where it compares by them: row i and column i are the same sample, `[batch, batch]`. */
  similarities?(pair: ImagePair): tf.Tensor2D;
  /** Features from each modality alone, then from both, where the method can: `[masks, batch, features]`. */
  embedMasks?(pair: ImagePair): tf.Tensor3D;
  /** How a step is taken, where that is more than moving all weights down the loss. */
  alternation?: {
    /** What the optimiser moves. */
    parameters: NamedParameters;
    /** One step of the optimiser, and of what the learner moves itself. */
    step(pair: ImagePair, optimizer: Optimizer): StepResult;
  };
  /** All of the learner's state beside the weights, by use: where weights and augmentations are drawn, an optimiser of its own. */
  state: Record<string, Stateful & { dispose(): void }>;
  /** Frees the weights, the rest of the state and what was compiled. */
  dispose(): void;
}

/** Sizes of a learner. */
export interface LearnerOptions {
  /** Channels of the small encoder's layers from the picture on, or AlexNet's convolutions as published. */
  encoder: number[] | "AlexNet";
  /** Width of CoMM's tokens and fused vector, and of FactorCL's heads. */
  dim: number;
  /** Learning rate of what a learner moves itself: FactorCL's critics of upper bounds. Default 1e-4. */
  learningRate?: number;
  /** Seed of weights and augmentations. */
  seed: number;
  /** Changes to CoMM, for ablations. */
  comm?: CoMMVariant;
}

/** What may fuse the modalities: CoMM's transformer, or an affine map or a perceptron for each mask. */
export const fusionNames = ["transformer", "linear", "mlp"] as const;

/** Name of a fusion. */
export type FusionName = typeof fusionNames[number];

/** What an ablation changes. */
export interface CoMMVariant {
  /** Temperature of the loss. Default 0.1. */
  temperature?: number;
  /** Weights of the terms of the first modality, the second, and both. Default 1 each. */
  termWeights?: [first: number, second: number, both: number];
  /** Augmentation of both views, for both pictures or for each its own. Default {@linkcode simClrLight}. */
  augmentation?: ImageAugmentation | ImageAugmentation[];
  /** What fuses the modalities. Default `transformer`. */
  fusion?: FusionName;
}

/** A learner with fresh weights. */
export function pairLearner(
  method: PairMethod,
  { encoder, dim, learningRate = 1e-4, seed, comm = {} }: LearnerOptions,
): PairLearner {
  if (!pairMethods.includes(method)) {
    throw new RangeError(`Expected a method of ${pairMethods.join(", ")}, got "${method}"`);
  }
  const weights = new RandomStream(seed, "weights"), random = new RandomStream(seed, "augmentation");
  const reading = new RandomStream(seed, "reading"); // a probe on the way must not change what training draws
  const state = { weights, augmentation: random, reading };
  const newEncoder = (): ImageEncoder =>
    encoder === "AlexNet" ? new AlexNetTrunk({ random: weights }) : new ConvEncoder(encoder, { random: weights });
  const encoders: [ImageEncoder, ImageEncoder] = [newEncoder(), newEncoder()];
  const view = (pair: ImagePair, augmentation: ImageAugmentation | ImageAugmentation[], stream = random) => {
    const [first, second = first] = [augmentation].flat();
    return pair.map((images, i) => normalizeImages(augmentImages(images, [first, second][i], stream))) as ImagePair;
  };
  const mildView = (pair: ImagePair) => view(pair, mildCrop, reading);

  switch (method) {
    case "CoMM": {
      const { temperature, termWeights, augmentation = simClrLight, fusion = "transformer" } = comm;
      const model = fusion === "transformer"
        ? new CoMM({
          encoders: encoders.map((images) => new ImageTokens(images, dim, { random: weights })),
          ...{ dim, random: weights },
        })
        : new CoMM({
          encoders: encoders.map((images) => new PooledImage(images)),
          fusion: new VectorFusion(encoders.map(({ channels }) => channels), dim, {
            ...{ random: weights, hidden: fusion === "mlp" },
          }),
          ...{ dim, random: weights },
        });
      const loss = (pair: ImagePair) =>
        namedTerms(
          model.loss(view(pair, augmentation), view(pair, augmentation), { temperature, weights: termWeights }),
        );
      const embed = (pair: ImagePair) => model.embed(mildView(pair));
      const embedMasks = (pair: ImagePair) => model.embedMasks(mildView(pair));
      const similarities = (pair: ImagePair) => {
        const project = () => model.project(view(pair, augmentation, reading));
        return fusedCosines(project(), project());
      };
      return withCompiledFeatures({ method, model, state, loss, embed, embedMasks, similarities });
    }
    case "Cross": {
      const model = new Cross({ encoders, random: weights });
      const loss = (pair: ImagePair) => ({ value: model.loss(view(pair, mildCrop)) });
      const embed = (pair: ImagePair) => model.embed(mildView(pair));
      const similarities = (pair: ImagePair) => cosines(...model.project(mildView(pair)));
      return withCompiledFeatures({ method, model, state, loss, embed, similarities });
    }
    case "Cross+Self": {
      const model = new CrossSelf({ encoders, random: weights });
      const loss = (pair: ImagePair) => ({
        value: model.loss(view(pair, mildCrop), [view(pair, simClrLight), view(pair, simClrLight)]),
      });
      const embed = (pair: ImagePair) => model.embed(mildView(pair));
      const similarities = (pair: ImagePair) => cosines(...model.project(mildView(pair)));
      return withCompiledFeatures({ method, model, state, loss, embed, similarities });
    }
    case "FactorCL": {
      const model = new FactorCL({ encoders, dim, random: weights });
      const critics = new Adam(model.criticParameters(), { learningRate });
      // FactorCL's "unique" augmentation: the second picture is not cropped.
      const augmentations = [simClrLight, { ...simClrLight, ...wholeImage }];
      const views = (pair: ImagePair): FactorViews => ({
        x: view(pair, mildCrop),
        augmented: view(pair, augmentations),
      });
      const loss = (pair: ImagePair) => model.loss(views(pair));
      const step = (pair: ImagePair, optimizer: Optimizer) => {
        const seen = views(pair), result = optimizer.minimize(() => model.loss(seen));
        return { ...result, critics: critics.minimize(() => model.criticLoss(seen)) };
      };
      const embed = (pair: ImagePair) => model.embed(mildView(pair));
      const alternation = { parameters: model.mainParameters(), step };
      return withCompiledFeatures({ method, model, state: { ...state, critics }, loss, embed, alternation });
    }
  }
}

/** A learner whose features are computed by compiled functions. */
export function withCompiledFeatures<Learner extends Omit<PairLearner, "dispose">>(
  learner: Learner,
): Learner & Pick<PairLearner, "dispose"> {
  const compiled = <Features extends tf.Tensor>(embed: (pair: ImagePair) => Features) => {
    const step = compile((first: tf.Tensor4D, second: tf.Tensor4D) => embed([first, second]));
    return Object.assign((pair: ImagePair) => step(...pair), { dispose: step.dispose });
  };
  const { model, state } = learner, embed = compiled(learner.embed);
  const embedMasks = learner.embedMasks && compiled(learner.embedMasks);
  const dispose = () => {
    for (const part of [embed, embedMasks, model, ...Object.values(state)]) part?.dispose();
  };
  return { ...learner, embed, ...(embedMasks && { embedMasks }), dispose };
}

/** Cosines of the fused vectors of two views, `[masks, batch, dim]` each with all modalities last. */
export function fusedCosines(view1: tf.Tensor3D, view2: tf.Tensor3D): tf.Tensor2D {
  const [a, b] = [view1, view2].map((view) => tf.unstack(view).at(-1) as tf.Tensor2D);
  return cosines(a, b);
}

const cosines = (a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D => tf.matMul(unitRows(a), unitRows(b), false, true);

/** The loss with its terms by the names that curves show: `first`, `second`, `both`, or of more modalities `modality1`, …, `all`. */
export function namedTerms({ value, terms }: CommLoss): StepResult {
  const each = tf.unstack(terms) as tf.Scalar[];
  const names = each.length === 3
    ? ["first", "second", "both"]
    : [...each.slice(1).map((_, i) => `modality${i + 1}`), "all"];
  return { value, ...Object.fromEntries(names.map((name, i) => [name, each[i]])) };
}

/** The paper's optimiser: AdamW, decay only on tensors with at least two axes, and on the CLS token. */
export function pairOptimizer(
  { model, alternation }: PairLearner,
  { learningRate = 3e-4, weightDecay = 1e-4 } = {},
): AdamW {
  const decays = (name: string, parameter: tf.Variable) => parameter.rank >= 2 || name.endsWith("cls");
  return new AdamW(alternation?.parameters ?? model.parameters(), { learningRate, weightDecay, decays });
}
