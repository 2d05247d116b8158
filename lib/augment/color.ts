// Colour changes of image batches, one strength a sample. Channels come first here: each plane is contiguous, which makes
// these element-wise steps several times faster than with channels last.

import * as tf from "@tensorflow/tfjs";

/** Images as planes of red, green and blue, `[3, batch, height, width]` in 0..1. */
export type Planes = tf.Tensor4D;

/** ITU-R 601 luma, which PIL and torchvision call grayscale: `[1, batch, height, width]`. */
export function luma(images: Planes): tf.Tensor4D {
  return tf.tidy(() => {
    const [red, green, blue] = tf.split(images, 3);
    return tf.add(tf.add(tf.mul(red, 0.299), tf.mul(green, 0.587)), tf.mul(blue, 0.114)) as tf.Tensor4D;
  });
}

/**
 * Mixes images with others, `amount · images + (1 - amount) · others`, cut to 0..1.
 *
 * @param others Any shape that broadcasts, e.g. {@linkcode luma}; 0 for black.
 * @param amount `[batch, 1, 1]`; above 1 the difference grows.
 */
export function blend(images: Planes, others: tf.Tensor | number, amount: tf.Tensor3D): Planes {
  return tf.tidy(() =>
    tf.clipByValue(tf.add(tf.mul(images, amount), tf.mul(others, tf.sub(1, amount))), 0, 1) as Planes
  );
}

/**
 * Turns the hue, in HSV: $f(n) = v - v s \max(0, \min(k, 4 - k, 1))$ with $k = (n + 6 h) \bmod 6$ and $n = 5, 3, 1$ for red,
 * green, blue.
 *
 * @param turn Part of a full turn for each sample, `[batch, 1, 1]`; 0.1 is 36 degrees.
 */
export function turnHue(images: Planes, turn: tf.Tensor3D): Planes {
  return tf.tidy(() => {
    const [red, green, blue] = tf.split(images, 3);
    const value = tf.maximum(red, tf.maximum(green, blue));
    const chroma = tf.sub(value, tf.minimum(red, tf.minimum(green, blue)));
    const perChroma = tf.reciprocal(tf.maximum(chroma, 1e-6)); // grey has no hue: any will do
    const difference = (a: tf.Tensor, b: tf.Tensor) => tf.mul(tf.sub(a, b), perChroma);
    const sextant = tf.where(
      tf.equal(value, red),
      difference(green, blue),
      tf.where(tf.equal(value, green), tf.add(difference(blue, red), 2), tf.add(difference(red, green), 4)),
    );
    const turned = tf.add(sextant, tf.mul(turn, 6));
    const channels = [5, 3, 1].map((n) => {
      const shifted = tf.add(turned, n);
      const k = tf.sub(shifted, tf.mul(tf.floor(tf.mul(shifted, 1 / 6)), 6));
      return tf.sub(value, tf.mul(chroma, tf.clipByValue(tf.minimum(k, tf.sub(4, k)), 0, 1)));
    });
    return tf.concat(channels) as Planes;
  });
}
