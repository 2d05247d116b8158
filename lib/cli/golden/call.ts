import * as tf from "@tensorflow/tfjs";

/** Tensors by their golden names. */
export type Tensors = Record<string, tf.Tensor>;

/** How a golden function is called: its inputs and options by name, its outputs by name. */
export type Call = (inputs: Tensors, options: Record<string, unknown>) => Tensors | Promise<Tensors>;

/** States the inputs and options that the files of a function hold, and calls it with them. */
export function call<Inputs, Options>(
  run: (inputs: Inputs, options: Options) => Tensors | Promise<Tensors>,
): Call {
  return (inputs, options) => run(inputs as Inputs, options as Options);
}

/** Inputs `name0`, `name1`, … in order. */
export function numbered(inputs: Tensors, name: string, from: number): tf.Tensor[] {
  const found: tf.Tensor[] = [];
  for (let k = from; `${name}${k}` in inputs; k++) found.push(inputs[`${name}${k}`]);
  return found;
}

/** Plain numbers as scalars. */
export function scalars(numbers: Record<string, number>): Tensors {
  return Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, tf.scalar(number)]));
}
