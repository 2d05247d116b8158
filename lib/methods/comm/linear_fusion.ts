import type * as tf from "@tensorflow/tfjs";
import { vectorFusion } from "./vector_fusion.ts";

/** Parameters of {@linkcode linearFusion}: one map for each modality alone, and one for all of them. */
export interface LinearFusionParameters {
  /** Per modality `[out, in]`. */
  weights: tf.Tensor2D[];
  /** Per modality `[out]`. */
  biases: tf.Tensor1D[];
  /** `[out, sum of in]`. */
  jointWeight: tf.Tensor2D;
  jointBias: tf.Tensor1D;
}

/**
 * Ablation: fusion by one affine map a mask, so that nothing non-linear joins the modalities.
 *
 * Source: CoMM (Dufumier et al. 2025), fusion ablation.
 *
 * @param x Per modality `[batch, in]`.
 * @returns `[masks, batch, out]`: each modality alone, then all.
 */
export function linearFusion(
  x: tf.Tensor2D[],
  { weights, biases, jointWeight, jointBias }: LinearFusionParameters,
): tf.Tensor3D {
  if (x.length === 0 || x.length !== weights.length || x.length !== biases.length) {
    throw new RangeError(
      `Expected one weight and bias a modality, got ${x.length}, ${weights.length} and ${biases.length}`,
    );
  }
  const affine = (weight: tf.Tensor2D, bias: tf.Tensor1D) => ({ layers: [{ weight, bias }] });
  return vectorFusion(x, {
    alone: weights.map((weight, i) => affine(weight, biases[i])),
    joint: affine(jointWeight, jointBias),
  });
}
