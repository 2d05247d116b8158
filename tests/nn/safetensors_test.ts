// Safetensors: bits survive, PyTorch's types are read, and a damaged file is refused with the reason.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { decodeSafetensors, encodeSafetensors } from "braid/nn/safetensors.ts";

await useEngine();

/** A file written by hand: header and bytes. */
function file(header: unknown, data: ArrayLike<number> = []): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const one = (dtype: string, shape: number[], data: ArrayLike<number>) =>
  file({ x: { dtype, shape, data_offsets: [0, data.length] } }, data);

Deno.test("every float32 bit pattern, int32 and bool comes back as it was, scalars and empty tensors too", async () => {
  const odd = new Float32Array([NaN, -0, Infinity, -Infinity, 1e-45, 3.4028235e38]);
  const tensors = {
    odd: tf.tensor1d(odd),
    whole: tf.tensor2d([[-(2 ** 31), 2 ** 31 - 1]], [1, 2], "int32"),
    flags: tf.tensor1d([true, false, true], "bool"),
    scalar: tf.scalar(2.5),
    empty: tf.zeros([0, 3]),
  };
  const { tensors: got, metadata } = decodeSafetensors(await encodeSafetensors(tensors, { epoch: "3" }));
  assert.deepEqual(metadata, { epoch: "3" });
  assert.deepEqual(Object.keys(got), Object.keys(tensors));
  for (const [name, tensor] of Object.entries(tensors)) {
    assert.equal(got[name].dtype, tensor.dtype);
    assert.deepEqual(got[name].shape, tensor.shape);
    assert.deepEqual([...await got[name].data()].map(String), [...await tensor.data()].map(String), name);
  }
  assert.ok(Object.is((await got.odd.data())[1], -0));
});

Deno.test("the layout is the format's: length, JSON padded by spaces to eight bytes, tensors one after the other", async () => {
  const bytes = await encodeSafetensors({ a: tf.tensor1d([1]), b: tf.tensor1d([2, 3], "int32") });
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  assert.equal(length % 8, 0);
  assert.deepEqual(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))), {
    a: { dtype: "F32", shape: [1], data_offsets: [0, 4] },
    b: { dtype: "I32", shape: [2], data_offsets: [4, 12] },
  });
  assert.deepEqual([...bytes.subarray(8 + length)], [0, 0, 128, 63, 2, 0, 0, 0, 3, 0, 0, 0]);
});

Deno.test("types that tfjs lacks are read as the nearest it has", async () => {
  const of = async (dtype: string, view: ArrayBufferView, shape: number[]) => {
    const { x } = decodeSafetensors(one(dtype, shape, new Uint8Array(view.buffer))).tensors;
    return [x.dtype, ...await x.data()];
  };
  assert.deepEqual(await of("F64", Float64Array.of(0.5, -3), [2]), ["float32", 0.5, -3]);
  assert.deepEqual(await of("F16", Float16Array.of(0.5, 65504), [2]), ["float32", 0.5, 65504]);
  assert.deepEqual(await of("BF16", Uint16Array.of(0x3f80, 0xc000), [2]), ["float32", 1, -2]);
  assert.deepEqual(await of("I64", BigInt64Array.of(-5n, 7n), [1, 2]), ["int32", -5, 7]);
  assert.deepEqual(await of("I16", Int16Array.of(-5), [1]), ["int32", -5]);
  assert.deepEqual(await of("U8", Uint8Array.of(200), [1]), ["int32", 200]);
  const wide = one("I64", [], new Uint8Array(BigInt64Array.of(2n ** 31n).buffer));
  assert.throws(() => decodeSafetensors(wide), /numbers of "x" to fit into 32 bits, got 2147483648/);
});

Deno.test("a file that is no safetensors file is refused with the reason", async () => {
  const refused = (bytes: Uint8Array, reason: RegExp) => assert.throws(() => decodeSafetensors(bytes), reason);
  const good = await encodeSafetensors({ weight: tf.ones([2, 2]) });
  for (const length of [0, 7, 9, 40]) refused(good.slice(0, length), /at least 8 bytes|is it cut off\?/);
  refused(good.slice(0, -1), /bytes of tensors, got 15: is the file cut off\?/);
  refused(file("{"), /header in JSON/);
  refused(file([1]), /Expected a safetensors header/);
  refused(file({ x: { dtype: "F32", shape: [-1], data_offsets: [0, 0] } }), /Expected a safetensors header/);
  refused(one("F31", [1], [0, 0, 0, 0]), /"x" to be one of F32, .*, got F31/);
  refused(one("F32", [2], [0, 0, 0, 0]), /"x", F32 \[2\], to be bytes 0 to 8, got 0 to 4/);
  const overlapping = { dtype: "U8", shape: [2], data_offsets: [0, 2] };
  refused(file({ x: overlapping, y: { ...overlapping, data_offsets: [1, 3] } }, [0, 0, 0]), /"y".* 2 to 4, got 1 to 3/);
});

Deno.test("what the format cannot hold is refused when writing", async () => {
  await assert.rejects(encodeSafetensors({ text: tf.tensor1d(["a"]) }), /float32, int32 or bool.*got string "text"/);
  await assert.rejects(encodeSafetensors({ __metadata__: tf.scalar(1) }), /any name but __metadata__/);
});
