// FactorCL, a baseline of the paper: bounds on what is shared and what is unique, each with heads and a critic of its own.

import * as tf from "@tensorflow/tfjs";
import { mutualInformationBounds } from "../../losses/mutual_information_bounds.ts";
import type { ImageEncoder } from "../../nn/conv_encoder.ts";
import type { Initialization } from "../../nn/initialize.ts";
import { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { Perceptron } from "../../nn/perceptron.ts";
import type { NamedParameters } from "../../training/optimizer.ts";
import { pooled } from "./adapters.ts";
import type { CrossOptions } from "./cross.ts";
import { pairScores } from "./pair_critic.ts";

/** Options of {@linkcode FactorCL}. */
export interface FactorCLOptions extends CrossOptions {
  /** Width $d$ of encoders' vectors and heads. Default 512. */
  dim?: number;
  /** Width of the two hidden layers of critics. Default 512. */
  hidden?: number;
}

/** A batch of two modalities, and an augmented copy of it. */
export interface FactorViews {
  x: tf.Tensor4D[];
  augmented: tf.Tensor4D[];
}

/** Terms of {@linkcode FactorCL}'s loss in nats, `[]` each: bounds to be raised count negatively. */
export type FactorTerms = Record<"shared" | "first" | "second" | "conditional" | "club" | "clubConditional", tf.Scalar>;

/** One bound's heads, a modality each, and its critic. */
class Bound extends Module {
  readonly heads: Perceptron[];
  readonly critic: Perceptron;

  constructor(heads: number, dim: number, critic: number[], { random }: Initialization) {
    super();
    this.heads = Array.from({ length: heads }, () => new Perceptron([dim, dim, dim], { random }));
    this.critic = new Perceptron([...critic, 1], { random });
  }

  /** Scores of all pairs; a side with several vectors is their concatenation, each through that side's head. */
  scores(...sides: [a: tf.Tensor2D[], b: tf.Tensor2D[]]): tf.Tensor2D {
    const [a, b] = sides.map((z, side) => {
      const head = this.heads[Math.min(side, this.heads.length - 1)];
      return tf.concat(z.map((vectors) => head.forward(vectors)), 1) as tf.Tensor2D;
    });
    return pairScores(a, b, this.critic);
  }
}

/**
 * FactorCL, self-supervised: what two modalities share, $I(x_1; x_2)$, less what augmentation does not preserve of it,
 * $I(x_1; x_2 \mid y)$, and what is unique to each, where the augmented copy $x_i'$ stands in for the task $y$.
 *
 * With $I_N$ the lower and $I_C$ the upper bound of {@linkcode mutualInformationBounds}, the loss is
 *
 * $$-I_N(x_1; x_2) - I_N(x_1; x_1') - I_N(x_2; x_2') - I_N(x_1 x_1'; x_2 x_2') + I_C(x_1; x_2) + I_C(x_1 x_1'; x_2 x_2')$$
 *
 * $I_C$ is an upper bound only under the critic that is best for $I_N$, so the two critics of $I_C$ learn by a loss of their
 * own, in turns with everything else.
 *
 * Source: Liang et al. 2023; on Trifeature as in the fork of CoMM's authors.
 */
export class FactorCL extends Module {
  readonly encoders: ImageEncoder[];
  readonly projections: Linear[];
  readonly shared: Bound;
  readonly first: Bound;
  readonly second: Bound;
  readonly conditional: Bound;
  readonly club: Bound;
  readonly clubConditional: Bound;

  constructor({ encoders, random, dim = 512, hidden = 512 }: FactorCLOptions) {
    super();
    this.encoders = encoders;
    this.projections = encoders.map(({ channels }) => new Linear(channels, dim, { random }));
    const bound = (heads: 1 | 2, width: number) => new Bound(heads, dim, [width, hidden, hidden], { random });
    this.shared = bound(2, 2 * dim);
    this.first = bound(1, 2 * dim);
    this.second = bound(1, 2 * dim);
    this.conditional = bound(2, 4 * dim);
    this.club = bound(2, 2 * dim);
    this.clubConditional = bound(2, 4 * dim);
  }

  /** What probes read: the five heads of each modality, `[batch, 2 · 5 · dim]`. */
  embed(x: tf.Tensor4D[]): tf.Tensor2D {
    return tf.tidy(() => {
      const [z1, z2] = this.#encode(x, { training: false });
      const both = [this.shared, this.conditional, this.club, this.clubConditional];
      const heads = (own: Bound, z: tf.Tensor2D, modality: number) =>
        [own.heads[0], ...both.map((bound) => bound.heads[modality])].map((head) => head.forward(z));
      return tf.concat([...heads(this.first, z1, 0), ...heads(this.second, z2, 1)], 1);
    });
  }

  /** The loss of everything but the critics of the upper bounds, `value`, and its terms. */
  loss({ x, augmented }: FactorViews): FactorTerms & { value: tf.Scalar } {
    return tf.tidy(() => {
      const [[z1, z2], [a1, a2]] = [x, augmented].map((images) => this.#encode(images, { training: true }));
      const lower = (scores: tf.Tensor2D) => tf.neg(mutualInformationBounds(scores).value) as tf.Scalar;
      const upper = (scores: tf.Tensor2D) => mutualInformationBounds(scores).club;
      const terms: FactorTerms = {
        shared: lower(this.shared.scores([z1], [z2])),
        first: lower(this.first.scores([z1], [a1])),
        second: lower(this.second.scores([z2], [a2])),
        conditional: lower(this.conditional.scores([z1, a1], [z2, a2])),
        club: upper(this.club.scores([z1], [z2])),
        clubConditional: upper(this.clubConditional.scores([z1, a1], [z2, a2])),
      };
      return { value: tf.addN(Object.values(terms)) as tf.Scalar, ...terms };
    });
  }

  /** The loss of the critics of the upper bounds, `[]`: $-I_N$ of the same pairs. */
  criticLoss({ x, augmented }: FactorViews): tf.Scalar {
    return tf.tidy(() => {
      const [[z1, z2], [a1, a2]] = [x, augmented].map((images) => this.#encode(images, { training: true }));
      const bounds = [this.club.scores([z1], [z2]), this.clubConditional.scores([z1, a1], [z2, a2])];
      return tf.neg(tf.addN(bounds.map((scores) => mutualInformationBounds(scores).value)));
    });
  }

  /** The parameters that {@linkcode criticLoss} moves. */
  criticParameters(): NamedParameters {
    return this.parameters().filter(([name]) => isClubCritic(name));
  }

  /** The parameters that {@linkcode loss} moves: all others. */
  mainParameters(): NamedParameters {
    return this.parameters().filter(([name]) => !isClubCritic(name));
  }

  #encode(x: tf.Tensor4D[], mode: { training: boolean }): tf.Tensor2D[] {
    return x.map((images, i) => this.projections[i].forward(pooled(this.encoders[i], images, mode)));
  }
}

const isClubCritic = (name: string) => /^club(_conditional)?\.critic\./.test(name);
