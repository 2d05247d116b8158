// GMC on MHD: encoders of handwritten digits as picture, sound and pen stroke, and one of all of them, behind one shared head.

import * as tf from "@tensorflow/tfjs";
import { type GmcLoss, gmcLoss, type GmcLossOptions } from "../../losses/gmc_loss.ts";
import { unitRows } from "../../losses/rows.ts";
import { silu } from "../../nn/activations.ts";
import { BatchNorm, batchNorm } from "../../nn/batch_norm.ts";
import { Conv2d } from "../../nn/conv2d.ts";
import type { Initialization } from "../../nn/initialize.ts";
import { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";

/** Whether batch norm looks at the batch, and whether its running statistics follow. */
export interface GmcMode {
  training: boolean;
  /** False: a training batch leaves the running statistics alone. Default true. */
  tracking?: boolean;
}

/** Options of {@linkcode GMC}. */
export interface GmcOptions extends Initialization {
  /** Whether the class, one-hot, is a fourth modality, as in the published experiment. Default false. */
  label?: boolean;
}

/** Width $c$ of the base encoders and $d$ of the embeddings. */
const COMMON = 64, LATENT = 64;

/** Classes of the label modality. */
const CLASSES = 10;

/**
 * The model of GMC for MHD, with the networks and state-dict names of the released code.
 *
 * Each modality has a base encoder $f_u$; another one, $f_M$, repeats their feature extractors with weights of its own and
 * reads the complete observation. One head $g$ maps what they give to the unit sphere:
 *
 * $$z_u = \frac{g(f_u(x_u))}{\lVert g(f_u(x_u)) \rVert}, \qquad z_M = \frac{g(f_M(x_1, \dots, x_U))}{\lVert g(f_M(x_1, \dots, x_U)) \rVert}$$
 *
 * An observation is a list: picture `[batch, 28, 28, 1]`, sound `[batch, 32, 128, 1]` (time by mel band), pen stroke
 * `[batch, 200]` and, with `label`, class `[batch, 10]`.
 *
 * Source: Poklukar, Vasco, Yin, Melo, Paiva, Kragic 2022, section 3.
 */
export class GMC extends Module {
  readonly imageProcessor: ImageProcessor;
  readonly soundProcessor: SoundProcessor;
  readonly trajectoryProcessor: TrajectoryProcessor;
  readonly labelProcessor?: LabelProcessor;
  readonly jointProcessor: JointProcessor;
  readonly encoder: CommonEncoder;

  constructor({ random, label = false }: GmcOptions) {
    super();
    this.imageProcessor = new ImageProcessor({ random });
    this.soundProcessor = new SoundProcessor({ random });
    this.trajectoryProcessor = new TrajectoryProcessor({ random });
    if (label) this.labelProcessor = new LabelProcessor({ random });
    this.jointProcessor = new JointProcessor({ random, label });
    this.encoder = new CommonEncoder({ random });
  }

  /** Number $U$ of modalities. */
  get modalities(): number {
    return this.#processors.length;
  }

  /** $z_1, \dots, z_U$ and $z_M$ of complete observations, unit rows. Training moves running statistics. */
  embedAll(x: tf.Tensor[], mode: GmcMode = { training: false }): { unimodal: tf.Tensor3D; joint: tf.Tensor2D } {
    return tf.tidy(() => {
      const [unimodal, joint] = this.encode([this.base(x, mode), this.jointBase(x, mode)]);
      return { unimodal, joint: joint.squeeze<tf.Tensor2D>([0]) };
    });
  }

  /**
   * What downstream tasks read, `[batch, 64]`: $z_M$ of a complete observation, else the mean of the $z_u$ that are there,
   * as {@linkcode gmcFuse}.
   *
   * @param x One batch a modality; `null` where it is missing.
   * @throws {RangeError} If no modality is there, one lacks its place in the list, or their batches differ in size.
   */
  embed(x: (tf.Tensor | null)[]): tf.Tensor2D {
    const mode = { training: false };
    this.#checkObservation(x);
    return tf.tidy(() => {
      if (isComplete(x)) return this.encode([this.jointBase(x, mode)])[0].squeeze([0]);
      const h = x.flatMap((batch, u) => batch ? [this.#processors[u].forward(batch, mode)] : []);
      if (h.length === 0) throw new RangeError("Expected at least one modality to be there, got none");
      return this.encode([tf.stack(h) as tf.Tensor3D])[0].mean(0);
    });
  }

  /**
   * $\mathcal L_{GMC}$ of complete observations.
   *
   * @param x One batch a modality.
   * @param options Of {@linkcode gmcLoss}; `training` is true unless told.
   */
  loss(x: tf.Tensor[], { training = true, ...options }: GmcLossOptions & { training?: boolean } = {}): GmcLoss {
    return tf.tidy(() => {
      const { unimodal, joint } = this.embedAll(x, { training });
      return { ...gmcLoss(unimodal, joint, options) };
    });
  }

  /** $h_u = f_u(x_u)$, `[modalities, batch, 64]`. */
  protected base(x: tf.Tensor[], mode: GmcMode): tf.Tensor3D {
    this.#checkObservation(x);
    return tf.stack(this.#processors.map((f, u) => f.forward(x[u], mode))) as tf.Tensor3D;
  }

  /** $h_M = f_M(x_1, \dots, x_U)$, `[1, batch, 64]`. */
  protected jointBase(x: tf.Tensor[], mode: GmcMode): tf.Tensor3D {
    return this.jointProcessor.forward(x, mode).expandDims(0);
  }

  /** The head for several sets `[sets, batch, 64]` at once: it sees each row on its own. */
  protected encode(h: tf.Tensor3D[]): tf.Tensor3D[] {
    return tf.split(this.encoder.forward(tf.concat(h)), h.map(({ shape }) => shape[0]));
  }

  get #processors(): Processor[] {
    const { imageProcessor, soundProcessor, trajectoryProcessor, labelProcessor } = this;
    return [imageProcessor, soundProcessor, trajectoryProcessor, ...labelProcessor ? [labelProcessor] : []];
  }

  #checkObservation(x: (tf.Tensor | null)[]): void {
    if (x.length !== this.modalities) {
      throw new RangeError(
        `Expected one batch for each of ${this.modalities} modalities, got ${x.length}: embed() takes null for a missing one`,
      );
    }
    const sizes = x.flatMap((batch) => batch ? [batch.shape[0]] : []);
    if (new Set(sizes).size > 1) {
      throw new RangeError(`Expected as many samples of each modality, got ${sizes.join(", ")}`);
    }
  }
}

const isComplete = (x: (tf.Tensor | null)[]): x is tf.Tensor[] => !x.includes(null);

/** A base encoder $f_u$, to `[batch, 64]`. */
interface Processor extends Module {
  forward(x: tf.Tensor, mode: GmcMode): tf.Tensor2D;
}

/** A layer, or an activation, which counts as one where PyTorch numbers them. */
type Layer = Conv2d | BatchNorm | Linear | typeof silu | typeof tf.relu;

const imageFeatures = ({ random }: Initialization): Layer[] => [
  new Conv2d(1, 64, 4, { stride: 2, padding: 1, bias: false, random }), // [batch, 14, 14, 64]
  silu,
  new Conv2d(64, 128, 4, { stride: 2, padding: 1, bias: false, random }), // [batch, 7, 7, 128]
  silu,
];

const soundFeatures = ({ random }: Initialization): Layer[] => [
  new Conv2d(1, 128, [1, 128], { bias: false, random }), // a whole frame at once: [batch, 32, 1, 128]
  new BatchNorm(128),
  tf.relu,
  new Conv2d(128, 128, [4, 1], { stride: [2, 1], padding: [1, 0], bias: false, random }), // [batch, 16, 1, 128]
  new BatchNorm(128),
  tf.relu,
  new Conv2d(128, 256, [4, 1], { stride: [2, 1], padding: [1, 0], bias: false, random }), // [batch, 8, 1, 256]
  new BatchNorm(256),
  tf.relu,
];

const trajectoryFeatures = ({ random }: Initialization): Layer[] => [
  ...[new Linear(200, 512, { random }), silu],
  ...[new Linear(512, 512, { random }), silu],
];

/** Numbers that the feature extractors give for a sample. */
const IMAGE = 128 * 7 * 7, SOUND = 256 * 8, TRAJECTORY = 512;

/** Layers one behind the other. */
function through(layers: Layer[], x: tf.Tensor, { training, tracking = true }: GmcMode): tf.Tensor {
  return layers.reduce((h, layer) => {
    if (typeof layer === "function") return layer(h);
    if (!(layer instanceof BatchNorm)) return layer.forward(h as tf.Tensor4D);
    return tracking ? layer.forward(h, { training }) : batchNorm(h, layer, { training }).output;
  }, x);
}

/** A map as rows, channel by channel as in PyTorch: `[batch, rows, columns, channels]` to `[batch, channels · rows · columns]`. */
const flattened = (map: tf.Tensor): tf.Tensor2D => tf.transpose(map, [0, 3, 1, 2]).reshape([map.shape[0], -1]);

class ImageProcessor extends Module implements Processor {
  readonly imageFeatures: Layer[];
  readonly projector: Linear;

  constructor({ random }: Initialization) {
    super();
    this.imageFeatures = imageFeatures({ random });
    this.projector = new Linear(IMAGE, COMMON, { random });
  }

  forward(x: tf.Tensor, mode: GmcMode): tf.Tensor2D {
    return tf.tidy(() => this.projector.forward(flattened(through(this.imageFeatures, x, mode))));
  }
}

class SoundProcessor extends Module implements Processor {
  readonly soundFeatures: Layer[];
  readonly projector: Linear;

  constructor({ random }: Initialization) {
    super();
    this.soundFeatures = soundFeatures({ random });
    this.projector = new Linear(SOUND, COMMON, { random });
  }

  forward(x: tf.Tensor, mode: GmcMode): tf.Tensor2D {
    return tf.tidy(() => this.projector.forward(flattened(through(this.soundFeatures, x, mode))));
  }
}

class TrajectoryProcessor extends Module implements Processor {
  readonly trajectoryFeatures: Layer[];
  readonly projector: Linear;

  constructor({ random }: Initialization) {
    super();
    this.trajectoryFeatures = trajectoryFeatures({ random });
    this.projector = new Linear(TRAJECTORY, COMMON, { random });
  }

  forward(x: tf.Tensor, mode: GmcMode): tf.Tensor2D {
    return tf.tidy(() => this.projector.forward(through(this.trajectoryFeatures, x, mode) as tf.Tensor2D));
  }
}

class LabelProcessor extends Module implements Processor {
  readonly projector: Linear;

  constructor({ random }: Initialization) {
    super();
    this.projector = new Linear(CLASSES, COMMON, { random });
  }

  forward(x: tf.Tensor): tf.Tensor2D {
    return this.projector.forward(x as tf.Tensor2D);
  }
}

/** $f_M$: features of all modalities side by side, the label as it is. */
class JointProcessor extends Module {
  readonly imgFeatures: Layer[];
  readonly soundFeatures: Layer[];
  readonly trajectoryFeatures: Layer[];
  readonly projector: Linear;

  constructor({ random, label }: Required<GmcOptions>) {
    super();
    this.imgFeatures = imageFeatures({ random });
    this.soundFeatures = soundFeatures({ random });
    this.trajectoryFeatures = trajectoryFeatures({ random });
    this.projector = new Linear(IMAGE + SOUND + TRAJECTORY + (label ? CLASSES : 0), COMMON, { random });
  }

  forward([image, sound, trajectory, ...label]: tf.Tensor[], mode: GmcMode): tf.Tensor2D {
    return tf.tidy(() => {
      const features = [
        flattened(through(this.imgFeatures, image, mode)),
        flattened(through(this.soundFeatures, sound, mode)),
        through(this.trajectoryFeatures, trajectory, mode),
        ...label,
      ];
      return this.projector.forward(tf.concat(features, 1) as tf.Tensor2D);
    });
  }
}

/** The shared head $g$, normalisation included: `[..., 64]` to unit rows `[..., 64]`. */
class CommonEncoder extends Module {
  readonly featureExtractor: Layer[];

  constructor({ random }: Initialization) {
    super();
    this.featureExtractor = [
      ...[new Linear(COMMON, 512, { random }), silu],
      ...[new Linear(512, 512, { random }), silu],
      new Linear(512, LATENT, { random }),
    ];
  }

  forward<T extends tf.Tensor>(h: T): T {
    return tf.tidy(() => unitRows(through(this.featureExtractor, h, { training: false })) as T);
  }
}
