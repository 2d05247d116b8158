// Gradients that tfjs lacks, for every engine.

import * as tf from "@tensorflow/tfjs";

// tfjs's gradient of a product has the product's batch axes, also where the operand was broadcast along them.
const { gradFunc: productGradient } = tf.getGradient("BatchMatMul")!;
tf.unregisterGradient("BatchMatMul");
tf.registerGradient({
  kernelName: "BatchMatMul",
  inputsToSave: ["a", "b"],
  gradFunc: (dy, saved, attrs) => {
    const { a, b } = productGradient(dy, saved, attrs);
    return { a: () => summedTo(a(), saved[0].shape), b: () => summedTo(b(), saved[1].shape) };
  },
});

/** Sums over the axes along which a tensor of the given shape was broadcast. */
function summedTo(gradient: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
  return axes.length ? tf.reshape(tf.sum(gradient, axes), shape) : gradient;
}

/** The gradient of one factor of a sum of products is a sum of products of all the others, and of the output's gradient. */
tf.registerGradient({
  kernelName: "Einsum",
  saveAllInputs: true,
  gradFunc: (dy, factors, attrs) => {
    const [terms, output] = einsumTerms(attrs.equation as string);
    const gradientOf = (factor: number) => () => {
      const others = terms.toSpliced(factor, 1), known = output + others.join("");
      const labels = [...terms[factor]].filter((label) => known.includes(label));
      const equation = `${[output, ...others]}->${labels.join("")}`;
      const gradient = tf.einsum(equation, dy as tf.Tensor, ...factors.toSpliced(factor, 1));
      // An axis that only this factor has was summed over: its entries share one gradient.
      const { shape } = factors[factor];
      const kept = shape.map((size, axis) => known.includes(terms[factor][axis]) ? size : 1);
      return tf.broadcastTo(tf.reshape(gradient, kept), shape);
    };
    return Object.fromEntries(terms.map((_, factor) => [factor, gradientOf(factor)]));
  },
});

function einsumTerms(equation: string): [terms: string[], output: string] {
  const [inputs, output] = equation.replaceAll(/\s/g, "").split("->"), terms = inputs.split(",");
  const isPlain = output !== undefined && !equation.includes(".") &&
    terms.every((term) => new Set(term).size === term.length);
  if (!isPlain) {
    throw new RangeError(
      `Expected an equation with an arrow, without dots and without a label twice in a term, got "${equation}": ` +
        "einsum has no gradient for others, so write out the axes",
    );
  }
  return [terms, output];
}

// tfjs gives the gradient of a single output alone, which its own gradients of these two take for a list.
for (const kernelName of ["Unpack", "SplitV"]) {
  const { gradFunc, ...config } = tf.getGradient(kernelName)!;
  tf.unregisterGradient(kernelName);
  tf.registerGradient({
    ...config,
    gradFunc: (dy, saved, attrs) => gradFunc(Array.isArray(dy) ? dy : [dy], saved, attrs),
  });
}

tf.registerGradient({
  kernelName: "TopK",
  inputsToSave: ["x"],
  outputsToSave: [false, true],
  gradFunc: (dy, [x, indices]) => ({
    x: () => {
      const columns = x.shape.at(-1)!, rows = x.size / columns;
      const starts = tf.reshape(tf.mul(tf.range(0, rows, 1, "int32"), tf.scalar(columns, "int32")), [rows, 1]);
      const places = tf.add(starts, tf.reshape(indices, [rows, -1]));
      const values = tf.reshape((dy as unknown as tf.Tensor[])[0], [-1]);
      return tf.reshape(tf.scatterND(tf.reshape(places, [-1, 1]), values, [x.size]), x.shape);
    },
  }),
});

tf.registerGradient({
  kernelName: "GatherNd",
  inputsToSave: ["params", "indices"],
  gradFunc: (dy, [params, indices]) => ({
    params: () => tf.scatterND(indices, dy as tf.Tensor, params.shape),
    indices: () => tf.zerosLike(indices),
  }),
});

tf.registerGradient({
  kernelName: "StridedSlice",
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attrs) => ({
    x: () => {
      const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } =
        attrs as unknown as tf.StridedSliceAttrs;
      const masks = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const;
      const slice = tf.slice_util.sliceInfo(x.shape, begin, end, strides, ...masks);
      const counts = tf.slice_util.computeOutShape(slice.begin, slice.end, slice.strides);
      if (counts.includes(0)) return tf.zerosLike(x);
      return x.shape.reduce(
        (gradient, size, axis) => spread(gradient, axis, slice.begin[axis], slice.strides[axis], size),
        tf.reshape(dy as tf.Tensor, counts),
      );
    },
  }),
});

/** Puts the entries of an axis at `begin`, `begin + stride`, … of an axis of `size` entries, and zeros between them. */
function spread(x: tf.Tensor, axis: number, begin: number, stride: number, size: number): tf.Tensor {
  if (stride < 0) {
    return spread(tf.reverse(x, axis), axis, begin + (x.shape[axis] - 1) * stride, -stride, size);
  }
  const before = x.shape.slice(0, axis), count = x.shape[axis], after = x.shape.slice(axis + 1);
  const outer = tf.util.sizeFromShape(before), inner = tf.util.sizeFromShape(after), length = (count - 1) * stride + 1;
  const apart = tf.pad(tf.reshape(x, [outer, count, 1, inner]), [[0, 0], [0, 0], [0, stride - 1], [0, 0]]);
  const cut = tf.slice(tf.reshape(apart, [outer, count * stride, inner]), [0, 0, 0], [outer, length, inner]);
  return tf.reshape(tf.pad(cut, [[0, 0], [begin, size - begin - length], [0, 0]]), [...before, size, ...after]);
}
