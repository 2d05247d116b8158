// The contrastive objectives that need no labels, each with small networks for two feature vectors.

import * as tf from "@tensorflow/tfjs";
import { augmentVectors } from "../../augment/vector.ts";
import type { RandomStream } from "../../engine/random.ts";
import { gmcLoss } from "../../losses/gmc_loss.ts";
import { m3coTotal } from "../../losses/m3co_total.ts";
import { m3ixupLoss } from "../../losses/m3ixup_loss.ts";
import { mixedRows, permutationMatrix, unitRows } from "../../losses/rows.ts";
import { PooledImage } from "../../methods/comm/adapters.ts";
import { CoMM } from "../../methods/comm/comm.ts";
import { Cross, CrossSelf } from "../../methods/comm/cross.ts";
import { drawMixing } from "../../methods/m3col/mixing.ts";
import { m3ixupDraws } from "../../methods/m3ixup/m3ixup.ts";
import type { ImageEncoder } from "../../nn/conv_encoder.ts";
import type { Initialization } from "../../nn/initialize.ts";
import { Module } from "../../nn/module.ts";
import { Perceptron } from "../../nn/perceptron.ts";
import type { StepResult } from "../../training/train.ts";

/** A batch of two modalities, `[batch, features]` each, row by row the same samples. */
export type VectorPair = [tf.Tensor2D, tf.Tensor2D];

/** Networks, and what trains them. */
export interface ContrastiveObjective {
  model: Module;
  /** The loss of a batch; what is random is drawn anew. */
  loss(x: VectorPair): StepResult;
  /** What the method's readers get of each modality alone, `[batch, dim]`. */
  represent(x: VectorPair): VectorPair;
}

/** Sizes and random numbers of {@linkcode contrastiveObjectives}. */
export interface ObjectiveOptions extends Initialization {
  /** Features of both modalities. */
  widths: [number, number];
  /** Width of hidden layers. */
  hidden: number;
  /** Width of what is learnt. */
  dim: number;
  /** Draws augmentations and mixtures. */
  draws: RandomStream;
}

/** A perceptron in the place of an image encoder: it takes vectors for pictures of one place, `[batch, 1, 1, features]`. */
class VectorMap extends Module implements ImageEncoder {
  readonly perceptron: Perceptron;
  readonly channels: number;

  constructor(widths: number[], { random }: Initialization) {
    super();
    this.perceptron = new Perceptron(widths, { random });
    this.channels = widths.at(-1)!;
  }

  forward(images: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => onePlace(this.perceptron.forward(tf.reshape(images, [images.shape[0], -1]))));
  }

  mapSize(): number {
    return 1;
  }
}

const onePlace = (x: tf.Tensor2D): tf.Tensor4D => tf.reshape(x, [x.shape[0], 1, 1, x.shape[1]]);
const onePlaceEach = (x: VectorPair): tf.Tensor4D[] => x.map(onePlace);

const vectorMaps = ({ widths, hidden, dim, random }: ObjectiveOptions) =>
  widths.map((width) => new VectorMap([width, hidden, dim], { random })) as [VectorMap, VectorMap];

/** GMC's arrangement: an encoder a modality and one of both together, behind one head onto the unit sphere. */
class JointAndAlone extends Module {
  readonly encoders: Perceptron[];
  readonly joint: Perceptron;
  readonly head: Perceptron;

  constructor({ widths, hidden, dim, random }: ObjectiveOptions) {
    super();
    this.encoders = widths.map((width) => new Perceptron([width, hidden, dim], { random }));
    this.joint = new Perceptron([widths[0] + widths[1], hidden, dim], { random });
    this.head = new Perceptron([dim, hidden, dim], { random });
  }

  /** $z_1, z_2$, `[2, batch, dim]`. */
  alone(x: VectorPair): tf.Tensor3D {
    const each = x.map((rows, m) => unitRows(this.head.forward(tf.relu(this.encoders[m].forward(rows)))));
    return tf.stack(each) as tf.Tensor3D;
  }

  /** $z_M$, `[batch, dim]`. */
  together(x: VectorPair): tf.Tensor2D {
    return unitRows(this.head.forward(tf.relu(this.joint.forward(tf.concat(x, 1)))));
  }

  represent(x: VectorPair): VectorPair {
    return tf.tidy(() => tf.unstack(this.alone(x)) as VectorPair);
  }
}

/** An encoder a modality, without anything that joins them. */
class Encoders extends Module {
  readonly encoders: Perceptron[];

  constructor({ widths, hidden, dim, random }: ObjectiveOptions) {
    super();
    this.encoders = widths.map((width) => new Perceptron([width, hidden, dim], { random }));
  }

  represent(x: VectorPair): VectorPair {
    return tf.tidy(() => x.map((rows, m) => this.encoders[m].forward(rows)) as VectorPair);
  }
}

/**
 * The objectives by name. All have encoders of the same shape, one hidden layer each; what else there is belongs to the method:
 * projections for Cross, heads for Cross+Self, fusion and head for CoMM, the joint encoder and the shared head for GMC and M3ixup.
 */
export const contrastiveObjectives = {
  "Cross": (options: ObjectiveOptions): ContrastiveObjective => {
    const model = new Cross({ encoders: vectorMaps(options), random: options.random, out: options.dim });
    return {
      model,
      loss: (x) => ({ value: model.loss(onePlaceEach(x)) }),
      represent: (x) => tf.tidy(() => model.project(onePlaceEach(x))),
    };
  },
  "Cross+Self": (options: ObjectiveOptions): ContrastiveObjective => {
    const model = new CrossSelf({ encoders: vectorMaps(options), random: options.random });
    return {
      model,
      loss: (x) => ({
        value: model.loss(onePlaceEach(x), [
          onePlaceEach(augmented(x, options)),
          onePlaceEach(augmented(x, options)),
        ]),
      }),
      represent: (x) => tf.tidy(() => tf.split(model.embed(onePlaceEach(x)), 2, 1) as VectorPair),
    };
  },
  "CoMM": (options: ObjectiveOptions): ContrastiveObjective => {
    const { dim, random } = options;
    const encoders = vectorMaps(options).map((encoder) => new PooledImage(encoder));
    const model = new CoMM({ encoders, dim, random });
    const view = (x: VectorPair) => onePlaceEach(augmented(x, options));
    return {
      model,
      loss: (x) => ({ value: model.loss(view(x), view(x)).value }),
      represent: (x) => tf.tidy(() => tf.unstack(model.embedMasks(onePlaceEach(x))).slice(0, 2) as VectorPair),
    };
  },
  "GMC": (options: ObjectiveOptions): ContrastiveObjective => {
    const model = new JointAndAlone(options);
    return {
      model,
      loss: (x) => tf.tidy(() => ({ value: gmcLoss(model.alone(x), model.together(x)).value })),
      represent: (x) => model.represent(x),
    };
  },
  "M3ixup": (options: ObjectiveOptions): ContrastiveObjective => {
    const model = new JointAndAlone(options);
    const loss = (x: VectorPair) =>
      tf.tidy(() => {
        const draws = m3ixupDraws(options.draws, { batch: x[0].shape[0], modalities: 2 });
        const partner = permutationMatrix(draws.permutation);
        const mixed = x.map((rows) => mixedRows(rows, partner, draws.lambda)) as VectorPair;
        const embeddings = { unimodal: model.alone(x), joint: model.together(x), mixed: model.alone(mixed) };
        return { value: m3ixupLoss({ ...embeddings, ...draws }).value };
      });
    return { model, loss, represent: (x) => model.represent(x) };
  },
  "M3Co": (options: ObjectiveOptions): ContrastiveObjective => {
    const model = new Encoders(options);
    const loss = (x: VectorPair) =>
      tf.tidy(() => {
        const { permutations, lambdas } = drawMixing({
          ...{ modalities: 2, batch: x[0].shape[0], random: options.draws },
        });
        const partners = tf.unstack(permutations) as tf.Tensor1D[], shares = tf.unstack(lambdas);
        const mixed = x.map((rows, m) => mixedRows(rows, permutationMatrix(partners[m]), shares[m])) as VectorPair;
        const [z, mixtures] = [x, mixed].map((rows) => tf.stack(model.represent(rows)) as tf.Tensor3D);
        return { value: m3coTotal(z, permutations, lambdas, { mixed: mixtures }).value };
      });
    return { model, loss, represent: (x) => model.represent(x) };
  },
} satisfies Record<string, (options: ObjectiveOptions) => ContrastiveObjective>;

/** Name of an objective. */
export type ObjectiveName = keyof typeof contrastiveObjectives;

/** All objectives, in the order in which they are shown. */
export const objectiveNames = Object.keys(contrastiveObjectives) as ObjectiveName[];

const augmented = (x: VectorPair, { draws }: ObjectiveOptions): VectorPair =>
  x.map((rows) => augmentVectors(rows, {}, draws)) as VectorPair;
