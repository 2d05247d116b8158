// Pickles that NumPy wrote, by tests/datasets/pickles/make_pickles.py.

import assert from "node:assert/strict";
import { readNumpyPickle } from "braid/files/numpy_pickle.ts";

const pickle = (name: string) => Deno.readFileSync(new URL(`../datasets/pickles/${name}.pkl`, import.meta.url));

for (const protocol of [1, 5]) {
  Deno.test(`arrays of every kind of number are read, protocol ${protocol}`, () => {
    const content = readNumpyPickle(pickle(`numbers-${protocol}`)) as Map<string, unknown>;
    const kinds = ["bool", "int8", "uint8", "int16", "int32", "int64", "float32", "float64", ">f4", ">i8"];
    for (const kind of kinds) {
      assert.deepEqual(content.get(kind), { shape: [1, 3], values: Float32Array.of(0, 1, 1) }, kind);
    }
    assert.deepEqual(content.get("wide"), { shape: [2], values: Float32Array.of(-300, 70000) });
    assert.deepEqual(content.get("empty"), { shape: [0, 3], values: new Float32Array() });
    assert.equal(content.get("half"), 0.5);
    assert.equal(content.get("names"), null);
    assert.deepEqual(content.get("list"), [1, null, true, "text"]);
  });
}

Deno.test("what is no such pickle is refused: other classes, arrays by columns, other bytes, a file cut short", () => {
  assert.throws(() => readNumpyPickle(pickle("path")), /^TypeError: Expected a pickle .*, got an object of pathlib/);
  assert.throws(() => readNumpyPickle(pickle("columns")), /ascontiguousarray/);
  assert.throws(() => readNumpyPickle(new TextEncoder().encode("no pickle")), TypeError);
  assert.throws(() => readNumpyPickle(new Uint8Array()), TypeError);
  assert.throws(() => readNumpyPickle(pickle("numbers-5").slice(0, -200)), TypeError);
});
