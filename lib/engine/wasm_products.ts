// Products of matrices on tfjs's WebAssembly backend: fast also where they are transposed or in batches.

import * as tf from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { broadcastProducts } from "./broadcast_products.ts";
import { replaceKernel } from "./replace_kernel.ts";

/** So many products of numbers take as long as preparing a call of the fast kernel. */
const WORTH_PREPARING = 8192;
/** With fewer rows the fast kernel spends its time on a copy of the right matrix, which it makes first. */
const ENOUGH_ROWS = 16;

// The backend's fast product takes two matrices as they are. Transposed ones, and batches, go through a loop that is 3 to 15
// times as slow: transpose before or after, see a batch times one matrix as one matrix, and take other batches one by one.
replaceKernel("BatchMatMul", "wasm", (own) => (call) => {
  const { a, b } = call.inputs as Record<"a" | "b", tf.Tensor>;
  const { transposeA, transposeB } = call.attrs as unknown as Transposes;
  const [inner, rows] = transposeA ? a.shape.slice(-2) : a.shape.slice(-2).reverse();
  const [columns, innerOfB] = transposeB ? b.shape.slice(-2) : b.shape.slice(-2).reverse();
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...batch, rows, columns];
  if (inner === 0 && innerOfB === 0) return tf.zeros(shape); // which the backend's own kernel leaves unwritten
  const batchOfA = tf.util.sizeFromShape(a.shape.slice(0, -2)), batchOfB = tf.util.sizeFromShape(b.shape.slice(0, -2));
  const together = batchOfB === 1 ? batchOfA * rows : rows;
  const takesFast = batchOfB === 1 || rows >= ENOUGH_ROWS;
  const isFloat = a.dtype === "float32" && b.dtype === "float32";
  // The backend's own kernel also explains what it refuses.
  if (!isFloat || inner !== innerOfB || !takesFast || together * inner * columns < WORTH_PREPARING) return own(call);
  if (transposeA || transposeB) return tf.tidy(() => productOfTransposes(a, b, { transposeA, transposeB }));
  if (batchOfA === 1 && batchOfB === 1) return own(call);
  if (batchOfB > 1) return oneByOne(call.backend as BackendWasm, a, b, shape);
  return tf.tidy(() => tf.reshape(tf.matMul(tf.reshape(a, [-1, inner]), tf.reshape(b, [inner, -1])), shape));
});
broadcastProducts("wasm");

interface Transposes {
  transposeA: boolean;
  transposeB: boolean;
}

/** A product of transposes, or the transpose of the product in reverse order: whichever moves fewer numbers. */
function productOfTransposes(a: tf.Tensor, b: tf.Tensor, { transposeA, transposeB }: Transposes): tf.Tensor {
  const moved = (transposeA ? a.size : 0) + (transposeB ? b.size : 0);
  const product = a.size / a.shape.at(transposeA ? -2 : -1)! * b.shape.at(transposeB ? -2 : -1)!;
  const movedInReverse = (transposeA ? 0 : a.size) + (transposeB ? 0 : b.size) + product;
  if (moved <= movedInReverse) return tf.matMul(transposeA ? transposed(a) : a, transposeB ? transposed(b) : b);
  return transposed(tf.matMul(transposeB ? b : transposed(b), transposeA ? a : transposed(a)));
}

/** Swaps the last two axes. */
function transposed(x: tf.Tensor): tf.Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return tf.transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

/** Numbers of tensors, as the compiled code knows them, that counting from 1 never reaches. */
const VIEWS = [2 ** 31 - 1, 2 ** 31 - 2, 2 ** 31 - 3];

/** The fast product for each matrix of a batch, seen where it lies in the memory of the compiled code. */
function oneByOne(engine: BackendWasm, a: tf.Tensor, b: tf.Tensor, shape: number[]): tf.TensorInfo {
  const wasm = engine.wasm as typeof engine.wasm & {
    cwrap(name: "BatchMatMul", result: null, types: string[]): Multiply;
  };
  const multiply = wasm.cwrap("BatchMatMul", null, [...operand, ...operand, "number", "number", "number"]);
  const result = engine.makeOutput(shape, "float32");
  const matrices = [a, b, result].map(({ dataId, shape }) => {
    const [rows, columns] = shape.slice(-2);
    return {
      offset: engine.getMemoryOffset(dataId),
      size: rows * columns,
      count: tf.util.sizeFromShape(shape.slice(0, -2)),
      shape: new Uint8Array(Int32Array.of(1, rows, columns).buffer),
    };
  });
  const [{ shape: shapeOfA }, { shape: shapeOfB }, { count }] = matrices;
  for (let i = 0; i < count; i++) {
    matrices.forEach(({ offset, size, count }, k) =>
      wasm.tfjs.registerTensor(VIEWS[k], size, offset + (i % count) * size * Float32Array.BYTES_PER_ELEMENT)
    );
    multiply(VIEWS[0], shapeOfA, 3, VIEWS[1], shapeOfB, 3, 0, 0, VIEWS[2]);
    for (const view of VIEWS) wasm.tfjs.disposeData(view);
  }
  return result;
}

/** Number, shape and rank of a tensor, as the compiled code takes them. */
type Operand = [id: number, shape: Uint8Array, rank: number];
const operand = ["number", "array", "number"];
type Multiply = (...call: [...Operand, ...Operand, transposeA: number, transposeB: number, result: number]) => void;
