// Sums of products as one product of matrices, for tfjs's own backends.

import * as tf from "@tensorflow/tfjs";

/**
 * Makes `tf.einsum` compute by a product of matrices on a backend of tfjs: WebAssembly has no such kernel, and that of the others
 * multiplies along all axes at once, which takes memory, and gives a wrong shape where it sums along two axes apart.
 */
export function registerEinsum(backendName: string): void {
  if (tf.getKernel("Einsum", backendName)) tf.unregisterKernel("Einsum", backendName);
  tf.registerKernel({ kernelName: "Einsum", backendName, kernelFunc: einsum });
}

const einsum: tf.KernelFunc = ({ inputs, attrs }) => {
  const tensors = Object.values(inputs) as tf.Tensor[], equation = (attrs!.equation as string).replaceAll(/\s/g, "");
  const { allDims, idDims } = tf.backend_util.decodeEinsumEquation(equation, tensors.length);
  tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, tensors);
  const [terms, output] = equation.split("->");
  const factors = terms.split(",").map((labels, i) => ({ tensor: tensors[i], labels: [...labels] }));
  return tf.tidy(() => {
    const product = factors.length > 1 ? contracted(factors, [...output]) : factors[0];
    return tf.clone(ordered(product, [...output]));
  });
};

/** A tensor with a letter for each axis. */
interface Labelled {
  tensor: tf.Tensor;
  labels: string[];
}

/** Multiplies two tensors and sums over what both have and the output has not. */
function contracted([a, b]: Labelled[], output: string[]): Labelled {
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => output.includes(label));
  const inner = shared.filter((label) => !output.includes(label));
  const rows = a.labels.filter((label) => !shared.includes(label) && output.includes(label));
  const columns = b.labels.filter((label) => !shared.includes(label) && output.includes(label));
  const sizes = new Map(
    [a, b].flatMap(({ tensor, labels }) => labels.map((label, axis) => [label, tensor.shape[axis]])),
  );
  const sizesOf = (labels: string[]) => labels.map((label) => sizes.get(label)!);
  const matrices = (tensor: tf.Tensor, ...groups: string[][]) =>
    tf.reshape(tensor, groups.map((labels) => tf.util.sizeFromShape(sizesOf(labels))));
  const left = matrices(ordered(a, [...batch, ...rows, ...inner]), batch, rows, inner);
  const right = matrices(ordered(b, [...batch, ...inner, ...columns]), batch, inner, columns);
  const labels = [...batch, ...rows, ...columns];
  return { tensor: tf.reshape(tf.matMul(left, right), sizesOf(labels)), labels };
}

/** Brings axes into the given order, after sums over those that are not in it. */
function ordered({ tensor, labels }: Labelled, order: string[]): tf.Tensor {
  const summed = labels.flatMap((label, axis) => order.includes(label) ? [] : [axis]);
  const kept = labels.filter((label) => order.includes(label));
  return tf.transpose(tf.sum(tensor, summed), order.map((label) => kept.indexOf(label)));
}
