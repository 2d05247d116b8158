// Colour changes of image batches, one strength a sample.

import * as tf from "@tensorflow/tfjs";

/** ITU-R 601 luma, which PIL and torchvision call greyscale: `[batch, height, width, 1]`. */
export function luma(images: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => tf.sum(tf.mul(images, tf.tensor1d([0.299, 0.587, 0.114])), 3, true) as tf.Tensor4D);
}

/** Mixes images with others of the same or a smaller shape, `amount · images + (1 - amount) · others`, cut to 0..1. */
export function blend(images: tf.Tensor4D, others: tf.Tensor | number, amount: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() =>
    tf.clipByValue(tf.add(tf.mul(images, amount), tf.mul(others, tf.sub(1, amount))), 0, 1) as tf.Tensor4D
  );
}

/**
 * Turns the hue, in HSV: $f(n) = v - v s \max(0, \min(k, 4 - k, 1))$ with $k = (n + 6 h) \bmod 6$ and $n = 5, 3, 1$ for red,
 * green, blue.
 *
 * @param images `[batch, height, width, 3]` in 0..1.
 * @param turn Part of a full turn for each sample, `[batch, 1, 1, 1]`; 0.1 is 36 degrees.
 * @returns Same shape.
 */
export function turnHue(images: tf.Tensor4D, turn: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const value = tf.max(images, 3, true), chroma = tf.sub(value, tf.min(images, 3, true));
    const [red, green, blue] = tf.split(images, 3, 3);
    const divisor = tf.maximum(chroma, 1e-6); // grey has no hue: any will do
    const sextant = tf.where(
      tf.equal(value, red),
      tf.div(tf.sub(green, blue), divisor),
      tf.where(
        tf.equal(value, green),
        tf.add(tf.div(tf.sub(blue, red), divisor), 2),
        tf.add(tf.div(tf.sub(red, green), divisor), 4),
      ),
    );
    const shifted = tf.add(tf.add(sextant, tf.mul(turn, 6)), tf.tensor1d([5, 3, 1])); // [batch, height, width, 3]
    const k = tf.sub(shifted, tf.mul(6, tf.floor(tf.div(shifted, 6))));
    const share = tf.clipByValue(tf.minimum(k, tf.sub(4, k)), 0, 1);
    return tf.sub(value, tf.mul(chroma, share)) as tf.Tensor4D;
  });
}
