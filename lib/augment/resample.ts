// Crops, flips and blurs as products with one matrix a sample and axis: fast on every engine, compiled or not.

import * as tf from "@tensorflow/tfjs";

/**
 * Applies one matrix to the rows and another one to the columns of each image, $R X C^\top$ for each plane.
 *
 * @param planes `[channels, batch, height, width]`, the order of axes in which every tfjs backend broadcasts matrices rightly.
 * @param rows `[batch, new height, height]`.
 * @param columns `[batch, new width, width]`.
 * @returns `[channels, batch, new height, new width]`.
 */
export function resample(planes: tf.Tensor4D, rows: tf.Tensor3D, columns: tf.Tensor3D): tf.Tensor4D {
  return tf.tidy(() => {
    const vertical = tf.matMul(tf.expandDims(rows, 0), planes);
    return tf.matMul(vertical, tf.expandDims(columns, 0), false, true) as tf.Tensor4D;
  });
}

/**
 * Weights that resize the stretch [start, start + length) of an axis to `size` pixels: bilinear, with the triangle widened
 * when it shrinks, as PIL's resize does.
 *
 * @param start Where each sample's stretch begins, in pixels, `[batch]`.
 * @param length How long it is, in pixels, `[batch]`.
 * @param flip 1 = the result runs backwards, `[batch]`.
 * @param from Pixels of the axis.
 * @param size Pixels of the result.
 * @returns `[batch, size, from]`, rows sum to 1.
 */
export function resizeWeights(
  start: tf.Tensor1D,
  length: tf.Tensor1D,
  flip: tf.Tensor1D,
  from: number,
  size: number,
): tf.Tensor3D {
  return tf.tidy(() => {
    const perSample = (values: tf.Tensor) => tf.reshape(values, [-1, 1, 1]);
    const position = tf.reshape(tf.add(tf.range(0, size), 0.5), [1, size, 1]);
    const turned = tf.add(tf.mul(position, tf.sub(1, tf.mul(2, perSample(flip)))), tf.mul(size, perSample(flip)));
    const scale = tf.div(perSample(length), size);
    const centre = tf.sub(tf.add(perSample(start), tf.mul(turned, scale)), 0.5); // [batch, size, 1]
    const distance = tf.abs(tf.sub(tf.reshape(tf.range(0, from), [1, 1, from]), centre));
    const weights = tf.relu(tf.sub(1, tf.div(distance, tf.maximum(scale, 1))));
    return tf.div(weights, tf.sum(weights, 2, true)) as tf.Tensor3D;
  });
}

/**
 * Weights of a Gaussian blur of an axis, edges renormalised.
 *
 * @param deviation Standard deviation of each sample's Gaussian in pixels, `[batch]`; 0 leaves a sample as it is.
 * @returns `[batch, size, size]`, rows sum to 1.
 */
export function blurWeights(deviation: tf.Tensor1D, size: number): tf.Tensor3D {
  return tf.tidy(() => {
    const pixel = tf.range(0, size);
    const distance = tf.square(tf.sub(tf.reshape(pixel, [1, size, 1]), tf.reshape(pixel, [1, 1, size])));
    // exp(-d² / 2σ²); a σ of 0.1 pixel already gives the identity in float32
    const variance = tf.square(tf.maximum(tf.reshape(deviation, [-1, 1, 1]), 0.1));
    const weights = tf.exp(tf.div(tf.mul(distance, -0.5), variance));
    return tf.div(weights, tf.sum(weights, 2, true)) as tf.Tensor3D;
  });
}
