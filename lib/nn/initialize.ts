// PyTorch's initial values.

import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../engine/random.ts";
import type { Module } from "./module.ts";

/** Where a layer draws its initial values. */
export interface Initialization {
  random: RandomStream;
}

/** A parameter uniform in ±1/sqrt(fanIn), PyTorch's default for the weights and biases of linear and convolution layers. */
export function uniformParameter<R extends tf.Rank>(
  shape: tf.ShapeMap[R],
  fanIn: number,
  random: RandomStream,
): tf.Variable<R> {
  const bound = 1 / Math.sqrt(fanIn);
  return parameter(() => random.uniform<R>(shape, -bound, bound));
}

/** A parameter drawn from the normal distribution with mean 0. */
export function normalParameter<R extends tf.Rank>(
  shape: tf.ShapeMap[R],
  deviation: number,
  random: RandomStream,
): tf.Variable<R> {
  return parameter(() => random.normal<R>(shape, 0, deviation));
}

/** A parameter filled with one value. */
export function filledParameter<R extends tf.Rank>(shape: tf.ShapeMap[R], value: number): tf.Variable<R> {
  return parameter(() => tf.fill<R>(shape, value));
}

/** A buffer (saved, not trained) that counts from 0. */
export function counter(): tf.Variable<tf.Rank.R0> {
  return parameter(() => tf.scalar(0, "int32"), false);
}

/** A buffer (saved, not trained) filled with one value. */
export function filledBuffer<R extends tf.Rank>(shape: tf.ShapeMap[R], value: number): tf.Variable<R> {
  return parameter(() => tf.fill<R>(shape, value), false);
}

function parameter<R extends tf.Rank>(value: () => tf.Tensor<R>, trainable = true): tf.Variable<R> {
  return tf.tidy(() => tf.variable(value(), trainable));
}

/**
 * Sets all matrices of a module to Glorot and Bengio's normal numbers, of variance 2 / (fanIn + fanOut), and the vectors to 0.
 *
 * PyTorch's `xavier_normal_` with zero biases: not truncated, as Keras's is.
 */
export function setGlorotNormal(module: Module, random: RandomStream): void {
  tf.tidy(() => {
    for (const [name, parameter] of module.parameters()) {
      if (parameter.rank > 2) {
        throw new RangeError(`Expected matrices and vectors, got ${name} of [${parameter.shape}]`);
      }
      const [outputs, inputs] = parameter.shape;
      const initial = parameter.rank === 2
        ? random.normal(parameter.shape, 0, Math.sqrt(2 / (inputs + outputs)))
        : tf.zerosLike(parameter);
      parameter.assign(initial);
    }
  });
}
