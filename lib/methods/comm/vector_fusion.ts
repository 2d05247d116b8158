// Ablations of the fusion: one vector a modality, joined by an affine map or a small perceptron for each mask.

import * as tf from "@tensorflow/tfjs";
import type { Initialization } from "../../nn/initialize.ts";
import { Module } from "../../nn/module.ts";
import { Perceptron, perceptron, type PerceptronParameters } from "../../nn/perceptron.ts";

/** Parameters of {@linkcode vectorFusion}. */
export interface VectorFusionParameters {
  /** A perceptron for each modality alone. */
  alone: PerceptronParameters[];
  /** One for the vectors of all of them, concatenated. */
  joint: PerceptronParameters;
}

/**
 * Ablation: fusion of one vector a modality by a perceptron of its own for each mask.
 *
 * Source: CoMM (Dufumier et al. 2025), fusion ablation.
 *
 * @param x Per modality `[batch, in]`.
 * @returns `[masks, batch, out]`: each modality alone, then all.
 * @throws {RangeError} If there is not one perceptron a modality.
 */
export function vectorFusion(x: tf.Tensor2D[], { alone, joint }: VectorFusionParameters): tf.Tensor3D {
  if (x.length === 0 || x.length !== alone.length) {
    throw new RangeError(`Expected one vector for each of ${alone.length} modalities, got ${x.length}`);
  }
  return tf.tidy(() => {
    const masks = x.map((vectors, i) => perceptron(vectors, alone[i]));
    return tf.stack([...masks, perceptron(tf.concat(x, 1), joint)]) as tf.Tensor3D;
  });
}

/** {@linkcode vectorFusion} with its parameters, in the place of CoMM's transformer; tokens count by their mean. */
export class VectorFusion extends Module {
  readonly alone: Perceptron[];
  readonly joint: Perceptron;

  /**
   * @param widths Width of each modality's tokens.
   * @param dim Width of the fused vector.
   * @param options `hidden`: whether there is a hidden layer of width `dim` with ReLU (the paper's *MLPFusion*), or none
   * (*LinearFusion*).
   */
  constructor(widths: number[], dim: number, { random, hidden }: Initialization & { hidden: boolean }) {
    super();
    const map = (width: number) => new Perceptron([width, ...(hidden ? [dim] : []), dim], { random });
    this.alone = widths.map(map);
    this.joint = map(widths.reduce((sum, width) => sum + width));
  }

  /** Tokens `[batch, tokens, width]` of all modalities, to `[batch, dim]`. */
  forward(tokens: tf.Tensor3D[]): tf.Tensor2D {
    return tf.tidy(() => this.joint.forward(tf.concat(tokens.map(meanToken), 1)));
  }

  /** One vector for each mask: `[masks, batch, dim]`. */
  forwardMasks(tokens: tf.Tensor3D[]): tf.Tensor3D {
    return tf.tidy(() => vectorFusion(tokens.map(meanToken), this));
  }
}

const meanToken = (tokens: tf.Tensor3D): tf.Tensor2D => tf.mean(tokens, 1);
