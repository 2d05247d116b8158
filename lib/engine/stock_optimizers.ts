// tfjs's own optimisers keep their learning rate as a JavaScript number, which a recorded step would freeze: its changes
// are counted, so that a step can be recorded anew.

import * as tf from "@tensorflow/tfjs";

let changes = 0;
const rates = new WeakMap<tf.Optimizer, number>();

Object.defineProperty(tf.Optimizer.prototype, "learningRate", {
  configurable: true,
  get(this: tf.Optimizer): number | undefined {
    return rates.get(this);
  },
  set(this: tf.Optimizer, rate: number) {
    if (rates.has(this) && rates.get(this) !== rate) changes++;
    rates.set(this, rate);
  },
});

/** How often the learning rate of any of tfjs's optimisers has changed in this process. */
export const learningRateChanges = (): number => changes;
