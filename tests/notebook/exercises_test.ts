import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { check } from "braid/notebook/exercises.ts";
import { infoNCE } from "braid/losses/info_nce.ts";
import { useEngine } from "braid/engine/engine.ts";
import { bundleOf } from "./fake_kernel.ts";

await useEngine("cpu");

const said = async (...args: Parameters<typeof check>) => bundleOf(await check(...args))["text/markdown"] as string;

Deno.test("check() says that a right attempt agrees with all cases", async () => {
  assert.equal(
    await said("quickGelu", (x: tf.Tensor) => x.mul(x.mul(1.702).sigmoid())),
    "**quickGelu**: 1 of 1 cases agree. Well done.",
  );
  assert.equal(
    await said("infoNCE", (a: tf.Tensor2D, b: tf.Tensor2D, options: Parameters<typeof infoNCE>[2]) => {
      return infoNCE(a, b, options);
    }),
    "**infoNCE**: 4 of 4 cases agree. Well done.",
  );
});

Deno.test("check() names the first case that a wrong attempt fails, and how far it is off", async () => {
  assert.match(
    await said("quickGelu", (x: tf.Tensor) => x.relu()),
    /^\*\*quickGelu\*\*: 0 of 1 cases agree\. The first that does not is the case `comm\/quick-gelu\/grid`: largest error 0\.\d+, tolerance 0\.00001\.$/,
  );
  const eye = ({ modalities }: { modalities: number }) => tf.eye(modalities);
  assert.match(await said("commMasks", eye), /0 of 2 cases .* `comm\/masks\/n2`: shape \[2,2\], expected \[3,2\]\.$/);
});

Deno.test("check() counts the cases that agree when some do", async () => {
  const oneSided = (a: tf.Tensor2D, b: tf.Tensor2D, options: Parameters<typeof infoNCE>[2]) =>
    infoNCE(a, b, { ...options, symmetric: false });
  assert.match(
    await said("infoNCE", oneSided),
    /^\*\*infoNCE\*\*: 1 of 4 cases agree\. .* `common\/info-nce\/overflow`/,
  );
});

Deno.test("check() reports an attempt that throws, whatever it throws, or that returns nothing", async () => {
  const thrower = (thrown: unknown) => () => {
    throw thrown;
  };
  const start =
    /^\*\*quickGelu\*\*: 0 of 1 cases agree\. The first that does not is the case `comm\/quick-gelu\/grid`: /;
  for (
    const [attempt, what] of [
      [thrower(new RangeError("not yet")), /it throws RangeError: not yet\.$/],
      [thrower(new Error()), /it throws Error\.$/],
      [thrower("words"), /it throws words\.$/],
      [thrower(undefined), /it throws undefined\.$/],
      [() => undefined as never, /it throws TypeError: /],
    ] as const
  ) {
    const text = await said("quickGelu", attempt);
    assert.match(text, start);
    assert.match(text, what);
  }
});

Deno.test("check() does not know a function without cases", async () => {
  await assert.rejects(check("quickgelu", () => tf.scalar(1)), {
    name: "RangeError",
    message: 'Expected the name of a golden function, got "quickgelu"',
  });
});

Deno.test("check() frees the inputs of its cases", async () => {
  const output = tf.scalar(1), before = tf.memory().numTensors;
  await check("quickGelu", () => output);
  assert.equal(tf.memory().numTensors, before);
});
