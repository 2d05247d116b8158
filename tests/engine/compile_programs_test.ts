// Training programs that compile() must not change: after 50 steps weights and losses are those of the eager program.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { compile, type CompileOptions } from "braid/engine/compile.ts";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { BatchNorm } from "braid/nn/batch_norm.ts";
import { dropout } from "braid/nn/dropout.ts";
import { Linear } from "braid/nn/linear.ts";
import { Module } from "braid/nn/module.ts";
import { AdamW } from "braid/training/adam_w.ts";
import { clipGradientNorm } from "braid/training/clip_gradient_norm.ts";
import { warmupCosineLr } from "braid/training/schedules.ts";
import { SGD } from "braid/training/sgd.ts";
import { closeTo, engines, numbersOf, tensorsHeld, testNative, wave } from "./engines.ts";

const STEPS = 50;
const modes = ["graph", "xla"] as const;

class Network extends Module {
  readonly first: Linear;
  readonly norm: BatchNorm;
  readonly second: Linear;

  constructor(seed = 1) {
    super();
    const random = new RandomStream(seed, "weights");
    this.first = new Linear(3, 8, { random, bias: false }); // a bias before a batch norm has no gradient but rounding
    this.norm = new BatchNorm(8);
    this.second = new Linear(8, 1, { random });
  }

  forward(x: tf.Tensor, hidden = (h: tf.Tensor) => h): tf.Tensor {
    const h = tf.tanh(this.norm.forward(this.first.forward(x), { training: true }));
    return this.second.forward(hidden(h));
  }

  /** Mean squared error against a curved target. */
  loss(x: tf.Tensor, hidden?: (h: tf.Tensor) => tf.Tensor): tf.Scalar {
    const target = tf.sum(tf.sin(tf.mul(x, 3)), 1, true);
    return tf.losses.meanSquaredError(target, this.forward(x, hidden));
  }
}

/** What a program does in a step, and what it leaves. */
interface Program {
  step: (x: tf.Tensor) => tf.Tensor;
  state: () => unknown;
  before?: (step: number) => void;
  rows?: (step: number) => number;
}

function afterFiftySteps(make: () => Program, options?: CompileOptions): number[] {
  const { step, state, before, rows = () => 6 } = make(), run = options ? compile(step, options) : step;
  const losses = Array.from({ length: STEPS }, (_, t) => {
    before?.(t);
    return tf.tidy(() => run(tf.add(wave([rows(t), 3], t), 0.1)).dataSync()[0]);
  });
  return [...losses, ...numbersOf(state())];
}

const programs: Record<string, () => Program> = {
  "dropout": () => {
    const model = new Network(), random = new RandomStream(2, "dropout");
    const optimizer = new AdamW(model.parameters(), { learningRate: 0.01 });
    const drop = (h: tf.Tensor) => dropout(h, { rate: 0.3, random, training: true });
    return { step: (x) => optimizer.minimize(() => model.loss(x, drop)), state: () => model.stateDict() };
  },
  "noise on the batch": () => {
    const model = new Network(), random = new RandomStream(3, "noise");
    const optimizer = new SGD(model.parameters(), { learningRate: 0.05 });
    const noisy = (x: tf.Tensor) => tf.add(x, random.normal(x.shape, 0, 0.2));
    return { step: (x) => optimizer.minimize(() => model.loss(noisy(x))), state: () => model.stateDict() };
  },
  "a scalar caught from outside, replaced halfway": () => {
    const model = new Network(), optimizer = new SGD(model.parameters(), { learningRate: 0.05 });
    let temperature = tf.scalar(1);
    return {
      step: (x) => optimizer.minimize(() => tf.div(model.loss(x), temperature)),
      before: (t) => {
        if (t !== STEPS / 2) return;
        temperature.dispose();
        temperature = tf.scalar(3);
      },
      state: () => model.stateDict(),
    };
  },
  "batch norm's running statistics": () => {
    const model = new Network();
    return {
      step: (x) => tf.mean(model.forward(tf.add(tf.mul(x, 2), 1))),
      state: () => [model.norm.runningMean, model.norm.runningVar],
    };
  },
  "a learning-rate schedule": () => {
    const model = new Network(), optimizer = new AdamW(model.parameters());
    const rates = warmupCosineLr({ lr: 0.05, epochs: STEPS });
    return {
      step: (x) => optimizer.minimize(() => model.loss(x)),
      before: (t) => optimizer.learningRate = rates[t],
      state: () => model.stateDict(),
    };
  },
  "a batch of another shape every fifth step": () => {
    const model = new Network(), optimizer = new SGD(model.parameters(), { learningRate: 0.05, momentum: 0.9 });
    return {
      step: (x) => optimizer.minimize(() => model.loss(x)),
      rows: (t) => t % 5 === 4 ? 4 : 6,
      state: () => model.stateDict(),
    };
  },
  "two models in turn in one step": () => {
    const models = [new Network(1), new Network(2)];
    const optimizers = models.map((model) => new SGD(model.parameters(), { learningRate: 0.05 }));
    return {
      step: (x) => tf.addN(models.map((model, i) => optimizers[i].minimize(() => model.loss(x)))),
      state: () => models.map((model) => model.stateDict()),
    };
  },
  "a compiled step within a step": () => {
    const model = new Network(), optimizer = new SGD(model.parameters(), { learningRate: 0.05 });
    const inner = compile((x: tf.Tensor) => model.loss(x));
    return { step: (x) => optimizer.minimize(() => inner(x)), state: () => model.stateDict() };
  },
  "clipped gradients": () => {
    const model = new Network(), optimizer = new SGD(model.parameters(), { learningRate: 0.1 });
    const variables = model.parameters();
    const step = (x: tf.Tensor) => {
      const { value, grads } = tf.variableGrads(() => model.loss(x), variables.map(([, variable]) => variable));
      const named = Object.fromEntries(variables.map(([name, variable]) => [name, grads[variable.name]]));
      optimizer.step(clipGradientNorm(named, { maxNorm: 0.5 }).clipped);
      return value;
    };
    return { step, state: () => model.stateDict() };
  },
  "a momentum encoder, which follows the trained one": () => {
    const model = new Network(1),
      slow = new Network(1),
      optimizer = new SGD(model.parameters(), { learningRate: 0.05 });
    const pairs = slow.parameters().map(([, variable], i) => [variable, model.parameters()[i][1]] as const);
    const step = (x: tf.Tensor) => {
      const target = slow.forward(x);
      const loss = optimizer.minimize(() =>
        tf.losses.meanSquaredError(tf.add(target, 1), model.forward(x)) as tf.Scalar
      );
      for (const [behind, ahead] of pairs) behind.assign(behind.mul(0.9).add(ahead.mul(0.1)));
      return loss;
    };
    return { step, state: () => [model.stateDict(), slow.stateDict()] };
  },
  "gradients accumulated over three steps": () => {
    const model = new Network(), optimizer = new SGD(model.parameters(), { learningRate: 0.05 });
    const variables = model.parameters();
    const sums = variables.map(([, { shape }]) => tf.tidy(() => tf.variable(tf.zeros(shape), false)));
    const count = tf.variable(tf.scalar(0), false);
    const step = (x: tf.Tensor) => {
      const { value, grads } = tf.variableGrads(() => model.loss(x), variables.map(([, variable]) => variable));
      count.assign(count.add(1));
      const full = tf.cast(tf.equal(tf.mod(count, 3), 0), "float32"); // 1 in every third step, else 0
      const named = variables.map(([name, variable], i) => {
        sums[i].assign(sums[i].add(grads[variable.name].div(3)));
        const gradient = sums[i].mul(full);
        sums[i].assign(sums[i].mul(tf.sub(1, full)));
        return [name, gradient];
      });
      optimizer.step(Object.fromEntries(named));
      return value;
    };
    return { step, state: () => [model.stateDict(), sums] };
  },
};

for (const [name, make] of Object.entries(programs)) {
  testNative(`after 50 steps a compiled program is its eager one: ${name}`, () => {
    const eager = afterFiftySteps(make);
    assert.ok(eager.every(Number.isFinite));
    for (const mode of modes) closeTo(afterFiftySteps(make, { mode }), eager, 1e-5, mode);
  });
}

testNative("after 50 steps with dropout every engine, eager or compiled, is where the others are", async () => {
  const eager: number[][] = [];
  for (const engine of engines) {
    await useEngine(engine);
    eager.push(afterFiftySteps(programs.dropout));
  }
  await useEngine("libtensorflow");
  const compiled = modes.map((mode) => afterFiftySteps(programs.dropout, { mode }));
  for (const numbers of [...eager, ...compiled]) closeTo(numbers, eager[0], 2e-5);
});

testNative(
  "a tensor caught from outside is refused and changes nothing; kept in a variable, the program is as eager",
  () => {
    const run = (mask: (tensor: tf.Tensor) => tf.Tensor, options?: CompileOptions) => {
      const model = new Network(), optimizer = new SGD(model.parameters(), { learningRate: 0.05 });
      const caught = tf.tidy(() => mask(tf.tensor([1, 0, 2])));
      const plain = (x: tf.Tensor) => optimizer.minimize(() => model.loss(tf.mul(x, caught)));
      const step = options ? compile(plain, options) : plain, before = numbersOf(model.stateDict());
      try {
        for (let t = 0; t < STEPS; t++) tf.tidy(() => void step(wave([6, 3], t)));
      } catch (error) {
        assert.deepEqual(numbersOf(model.stateDict()), before);
        throw error;
      }
      return numbersOf(model.stateDict());
    };
    const eager = run((mask) => mask);
    for (const mode of modes) {
      assert.throws(() => run((mask) => mask, { mode }), /got one of shape \[3\] from outside in \w+.*tf\.variable/);
      closeTo(run((mask) => tf.variable(mask, false), { mode }), eager, 1e-5, mode);
    }
  },
);

testNative("two models that train each other in turn, a compiled step each, end where the eager ones do", () => {
  const run = (options?: CompileOptions) => {
    const models = [new Network(1), new Network(2)];
    const optimizers = models.map((model) => new SGD(model.parameters(), { learningRate: 0.05, momentum: 0.9 }));
    const steps = models.map((model, i) => {
      const step = (x: tf.Tensor) =>
        optimizers[i].minimize(() =>
          tf.add(model.loss(x), tf.losses.meanSquaredError(models[1 - i].forward(x), model.forward(x))) as tf.Scalar
        );
      return options ? compile(step, options) : step;
    });
    for (let t = 0; t < STEPS; t++) tf.tidy(() => void steps[t % 2](wave([6, 3], t)));
    return numbersOf(models.map((model) => model.stateDict()));
  };
  const eager = run();
  for (const mode of modes) closeTo(run({ mode }), eager, 1e-5, mode);
});

testNative("an error in the middle changes nothing: the other 49 steps are those of the eager program", () => {
  const run = (options?: CompileOptions) => {
    const model = new Network(), optimizer = new SGD(model.parameters(), { learningRate: 0.05, momentum: 0.9 });
    const plain = (x: tf.Tensor) => {
      const loss = optimizer.minimize(() => model.loss(x));
      if (x.shape[0] === 2) throw new Error("two rows");
      return loss;
    };
    const step = options ? compile(plain, options) : plain;
    for (let t = 0; t < STEPS; t++) {
      const fails = t === 20, x = wave([fails ? 2 : 6, 3], t);
      if (!fails) tf.tidy(() => void step(x));
      else if (options) assert.throws(() => step(x), /two rows/); // the eager program leaves this step out
    }
    return numbersOf(model.stateDict());
  };
  const eager = run();
  for (const mode of modes) closeTo(run({ mode }), eager, 1e-5, mode);
});

testNative("disposed in the middle, a step goes on as if nothing had happened", () => {
  const run = (options?: CompileOptions) => {
    const model = new Network(), random = new RandomStream(2, "dropout"), optimizer = new AdamW(model.parameters());
    const drop = (h: tf.Tensor) => dropout(h, { rate: 0.3, random, training: true });
    const plain = (x: tf.Tensor) => optimizer.minimize(() => model.loss(x, drop));
    const compiled = options && compile(plain, options), step = compiled ?? plain;
    for (let t = 0; t < STEPS; t++) {
      if (t % 20 === 10) compiled?.dispose();
      tf.tidy(() => void step(wave([6, 3], t)));
    }
    return numbersOf(model.stateDict());
  };
  const eager = run();
  for (const mode of modes) closeTo(run({ mode }), eager, 1e-5, mode);
});

for (const mode of modes) {
  testNative(`1,000 compiled steps (${mode}) hold no more tensors than the first`, () => {
    const model = new Network(), random = new RandomStream(2, "dropout"), optimizer = new AdamW(model.parameters());
    const drop = (h: tf.Tensor) => dropout(h, { rate: 0.3, random, training: true });
    const step = compile((x: tf.Tensor) => optimizer.minimize(() => model.loss(x, drop)), { mode }), x = wave([6, 3]);
    step(x).dispose();
    const before = tensorsHeld();
    for (let t = 0; t < 1000; t++) step(x).dispose();
    assert.deepEqual(tensorsHeld(), before);
  });
}
