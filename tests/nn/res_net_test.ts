// ResNet's trunk: names, sizes, first weights, modes. That it computes what torchvision does is in pytorch_test.ts.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { compile } from "braid/engine/compile.ts";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { BasicBlock, ResNetTrunk } from "braid/nn/res_net.ts";
import { SGD } from "braid/training/sgd.ts";
import { closeTo, numbersOf, tensorsHeld, testNative, wave } from "../engine/engines.ts";
import {
  batchNormByLoop,
  convolutionByLoop,
  followsDefinition,
  type Image,
  setIrregular,
  type State,
  within,
} from "./reference.ts";

await useEngine();
const random = new RandomStream(2, "weights");
const training = { training: true }, evaluation = { training: false };
const relu = (x: Image): Image => x.map((row) => row.map((place) => place.map((value) => Math.max(0, value))));

Deno.test("BasicBlock is two convolutions with norms, and a way around that is projected where the shape changes", () => {
  const norm = (maps: Image[], state: State, mode: { training: boolean }) => {
    const rows = maps.flat(2), running = { mean: state.running_mean, variance: state.running_var };
    const { output } = batchNormByLoop(rows, state.weight, state.bias, mode.training ? undefined : running);
    let at = 0;
    return maps.map((map) => map.map((row) => row.map(() => output[at++])));
  };
  for (const mode of [training, evaluation]) {
    for (const [inChannels, outChannels, stride] of [[2, 2, 1], [1, 2, 1], [1, 2, 2]]) {
      const block = new BasicBlock(inChannels, outChannels, { random, stride });
      setIrregular(block);
      const definition = (state: State, x: Image[]) => {
        const convolve = (maps: Image[], name: string, stride: number, padding: number) =>
          maps.map((map) => convolutionByLoop(within(state, name), map, [stride, stride], [padding, padding]));
        const hidden = norm(convolve(x, "conv1.", stride, 1), within(state, "bn1."), mode).map(relu);
        const residual = norm(convolve(hidden, "conv2.", 1, 1), within(state, "bn2."), mode);
        const around = state["downsample.0.weight"]
          ? norm(convolve(x, "downsample.0.", stride, 0), within(state, "downsample.1."), mode)
          : x;
        return residual.map((map, b) =>
          relu(map.map((row, i) => row.map((place, j) => place.map((v, c) => v + around[b][i][j][c]))))
        );
      };
      assert.equal(
        "downsample.0.weight" in tf.tidy(() => block.stateDict()),
        stride !== 1 || inChannels !== outChannels,
      );
      followsDefinition(
        block,
        (x) => block.forward(x as tf.Tensor4D, mode),
        definition,
        wave([2, 3, 3, inChannels]),
        1e-3,
      );
    }
  }
});

Deno.test("ResNet-18 and -34 have torchvision's counts; 224 pixels give 7 x 7", () => {
  for (const [blocks, parameters] of [[undefined, 11_176_512], [[3, 4, 6, 3], 21_284_672]] as const) {
    // Parameters grow by the square of the width, but for norms and the first layer: counted at width 4, then for 64.
    const count = (width: number) => {
      const trunk = new ResNetTrunk({ random, width, blocks: blocks && [...blocks] });
      const counts = trunk.parameters().map(([, { rank, shape, size }]) => {
        const factor = 64 / width;
        return rank === 4 && shape[2] !== 3 ? size * factor ** 2 : size * factor;
      });
      trunk.dispose();
      return counts.reduce((sum, size) => sum + size, 0);
    };
    assert.equal(count(4), parameters);
  }
  const trunk = new ResNetTrunk({ random, width: 2 });
  assert.deepEqual([trunk.mapSize(224), trunk.mapSize(128), trunk.channels], [7, 4, 16]);
  for (const size of [1, 32, 33, 65]) {
    const map = tf.tidy(() => trunk.forward(tf.zeros([1, size, size, 3]), evaluation).shape);
    assert.deepEqual(map, [1, trunk.mapSize(size), trunk.mapSize(size), 16], `${size} pixels`);
  }
});

Deno.test("ResNet starts as torchvision's: variance 2 / fan-out, norms as the identity", () => {
  const trunk = new ResNetTrunk({ random, width: 16 });
  for (const [name, parameter] of trunk.parameters()) {
    const values = numbersOf(parameter), n = values.length;
    if (parameter.rank === 1) {
      assert.deepEqual([...new Set(values)], [name.endsWith("weight") ? 1 : 0], name);
    } else {
      const [height, width, , out] = parameter.shape, variance = values.reduce((sum, x) => sum + x * x, 0) / n;
      assert.ok(Math.abs(variance * out * height * width / 2 - 1) < 5 * Math.sqrt(2 / n), `${name}: ${variance}`);
    }
  }
});

Deno.test("pooled() is the mean over the map; a picture alone is read in evaluation, refused in training at one place", () => {
  const trunk = new ResNetTrunk({ random, width: 2 }), x = wave<tf.Rank.R4>([1, 40, 64, 3]);
  closeTo(numbersOf(trunk.pooled(x, evaluation)), numbersOf(tf.mean(trunk.forward(x, evaluation), [1, 2])), 1e-6);
  assert.deepEqual(trunk.pooled(x, evaluation).shape, [1, 16]);
  assert.throws(() => trunk.forward(wave([1, 32, 32, 3]), training), /at least 2 rows.*got 1/);
});

Deno.test("in training all norms move and count, in evaluation none; no tensor is left", () => {
  const trunk = new ResNetTrunk({ random, width: 2 }), x = wave<tf.Rank.R4>([2, 33, 33, 3]);
  const statistics = () =>
    tf.tidy(() =>
      Object.entries(trunk.stateDict()).filter(([name]) => /running|tracked/.test(name)).map(([, x]) => numbersOf(x))
    );
  const start = statistics(), held = tensorsHeld();
  trunk.forward(x, evaluation).dispose();
  assert.deepEqual(statistics(), start);
  trunk.forward(x, training).dispose();
  statistics().forEach((values, i) => assert.notDeepEqual(values, start[i]));
  assert.deepEqual(statistics().filter((_, i) => i % 3 === 2).flat(), Array(20).fill(1));
  assert.deepEqual(tensorsHeld(), held);
});

testNative("a compiled step of ResNet is the eager one, running statistics and counts included", () => {
  const build = () => new ResNetTrunk({ random: new RandomStream(4, "weights"), width: 2 });
  const x = wave<tf.Rank.R4>([4, 33, 33, 3]);
  const results = [false, true].map((compiled) => {
    const trunk = build(), optimizer = new SGD(trunk.parameters(), { learningRate: 1e-3 });
    const step = (x: tf.Tensor4D) =>
      optimizer.minimize(() => tf.mean(tf.square(trunk.pooled(x, training))) as tf.Scalar);
    const run = compiled ? compile(step) : step;
    const losses = [run(x), run(x), run(x)];
    return numbersOf([losses, trunk.stateDict()]);
  });
  closeTo(results[1], results[0], 1e-4);
});

Deno.test("ResNetTrunk refuses other than four stages", () => {
  for (const blocks of [[2, 2, 2], [2, 2, 2, 0], [1, 1, 1.5, 1]]) {
    assert.throws(() => new ResNetTrunk({ random, width: 2, blocks }), /blocks of four stages, got \[/);
  }
});
