import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import * as dfd from "danfojs-node";
import { useEngine } from "braid/engine/engine.ts";
import { jupyterDisplay } from "braid/plots/live/cell_context.ts";
import { show } from "braid/notebook/show.ts";
import { readWav } from "braid/datasets/wav.ts";

await useEngine("cpu");

const live = (value: Parameters<typeof show>[0]) => show(value)[jupyterDisplay]();

async function committed(value: Parameters<typeof show>[0]) {
  Deno.env.set("BRAID_RENDER", "commit");
  try {
    return await show(value)[jupyterDisplay]();
  } finally {
    Deno.env.delete("BRAID_RENDER");
  }
}

const plain = async (value: Parameters<typeof show>[0]) => (await live(value))["text/plain"];

Deno.test("a tensor shows type, shape, range, mean, population standard deviation and histogram", async () => {
  assert.equal(await plain(tf.tensor1d([0, 1, 1, 2])), "float32 [4], from 0 to 2, mean 1, sd 0.7071 ▅▁▁▁▁▁▁▁█▁▁▁▁▁▁▅");
  assert.equal(await plain(tf.tensor2d([[7], [7]], [2, 1], "int32")), "int32 [2, 1], from 7 to 7, mean 7, sd 0");
  assert.match(`${await plain(tf.tensor1d([true, false], "bool"))}`, /^bool \[2\], from 0 to 1, mean 0\.5, sd 0\.5/);
});

Deno.test("what is not finite is counted and left out; an empty tensor says so", async () => {
  const odd = `${await plain(tf.tensor1d([NaN, -1, Infinity, 1]))}`;
  assert.match(odd, /^float32 \[4\], from -1 to 1, mean 0, sd 1 .*, 2 not finite$/);
  assert.equal(await plain(tf.tensor1d([NaN, NaN])), "float32 [2], 2 values, none of them finite");
  assert.equal(await plain(tf.zeros([0, 3])), "float32 [0, 3], empty");
  assert.match(`${await plain(tf.tensor1d([-3e38, 3e38]))}`, /from -3e\+38 to 3e\+38, mean 0, sd 3e\+38/);
});

Deno.test("a batch of grey or coloured pictures is drawn, other tensors of four axes are not", async () => {
  for (const [shape, drawn] of [[[3, 8, 8, 1], 3], [[20, 8, 8, 3], 16], [[2, 150, 150, 3], 1]] as const) {
    const { "text/html": html } = await live(tf.linspace(-2, 3, tf.util.sizeFromShape([...shape])).reshape([...shape]));
    assert.equal(`${html}`.match(/data:image\/png/g)?.length, drawn);
  }
  for (const shape of [[2, 8, 8, 4], [2, 8, 3, 3], [0, 8, 8, 3]]) {
    assert.deepEqual(Object.keys(await committed(tf.zeros(shape))), ["text/markdown", "text/plain"]);
  }
});

Deno.test("a notebook to be committed keeps pictures as one picture", async () => {
  const bundle = await committed({ image: tf.linspace(0, 1, 128).reshape([2, 8, 8, 1]), label: 3 });
  assert.deepEqual(Object.keys(bundle).sort(), ["application/vnd.plotly.v1+json", "image/png", "text/plain"]);
  assert.match(`${bundle["text/plain"]}`, /^- image: float32 \[2, 8, 8, 1\].*\n- label: 3$/);
});

Deno.test("a record shows each field, and its sound can be played", async () => {
  const samples = Float32Array.of(0, 0.5, -1, 1.5);
  const { "text/html": html, "text/plain": text } = await live({
    label: 3,
    sound: { samples, rate: 8000 },
    x: tf.ones([2]),
  });
  assert.match(`${text}`, /^- label: 3\n- sound: sound, 0\.00 s at 8000 Hz, .*\n- x: float32 \[2\]/);
  const [, base64] = /<audio controls [^>]*src="data:audio\/wav;base64,([^"]+)"/.exec(`${html}`)!;
  const played = readWav(Uint8Array.fromBase64(base64), 8000);
  assert.deepEqual([...played], [0, 0.5, -1, 32767 / 32768]);
});

Deno.test("a notebook to be committed describes sounds without keeping them", async () => {
  const bundle = await committed({ samples: new Float32Array(80_000), rate: 8000 });
  assert.deepEqual(Object.keys(bundle), ["text/markdown", "text/plain"]);
  assert.match(`${bundle["text/plain"]}`, /^sound, 10\.00 s at 8000 Hz, from 0 to 0/);
});

Deno.test("names and texts of a record are no HTML", async () => {
  const { "text/html": html } = await live({
    "<b>": "<script>1</script>",
    a: { samples: new Float32Array(1), rate: 1 },
  });
  assert.doesNotMatch(`${html}`, /<b>|<script>1/);
});

Deno.test("a data frame and a list of records are tables", async () => {
  const rows = [{ shape: "star", pairs: 12 }], table = "| shape | pairs |\n|---|---:|\n| star | 12 |";
  for (const value of [rows, new dfd.DataFrame(rows)]) assert.equal((await live(value))["text/markdown"], table);
});

Deno.test("show() refuses what there is nothing to look into", () => {
  for (const value of [3, "a", null, undefined]) {
    assert.throws(() => show(value as never), { name: "TypeError", message: /^Expected a tensor, .*, got / });
  }
});

Deno.test("show() leaves no tensor", async () => {
  const batch = tf.zeros([2, 8, 8, 3]), before = tf.memory().numTensors;
  await live(batch);
  assert.equal(tf.memory().numTensors, before);
});
