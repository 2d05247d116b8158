// A compiled step is its eager step: the same results, the same variables, call after call, in both modes.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { compile, type CompileOptions, type TensorTree } from "braid/engine/compile.ts";
import { useEngine } from "braid/engine/engine.ts";
import { AttributeType } from "braid/engine/libtensorflow/attributes.ts";
import { currentLibtensorflow } from "braid/engine/libtensorflow/backend.ts";
import { DataType } from "braid/engine/libtensorflow/c_api.ts";
import { RecordingError } from "braid/engine/libtensorflow/recording.ts";
import { RandomStream } from "braid/engine/random.ts";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { BatchNorm } from "braid/nn/batch_norm.ts";
import { Adam } from "braid/training/adam.ts";
import { closeTo, numbersOf, tensorsHeld, testNative, wave } from "./engines.ts";

/** Something that is done again and again. */
interface Experiment {
  step: (...inputs: tf.Tensor[]) => TensorTree;
  /** What the step changes. */
  state?: tf.Tensor[];
  /** What happens outside of the step before a call. */
  before?: (call: number) => void;
}

type Calls = (() => tf.Tensor[])[];

/** Runs an experiment twice, eagerly and compiled: results and state agree after each call. */
function followsEager(make: () => Experiment, calls: Calls, options?: CompileOptions): void {
  const run = (compiled: boolean) => {
    const { step, state = [], before } = make();
    const call = compiled ? compile(step, options) : step;
    return calls.map((inputs, i) => {
      before?.(i);
      return tf.tidy(() => [...numbersOf(call(...inputs())), ...numbersOf(state)]);
    });
  };
  const eager = run(false), compiled = run(true);
  eager.forEach((want, i) => closeTo(compiled[i], want, 1e-5, `call ${i + 1}`));
}

/** What `run` writes by console.warn(). */
function warningsOf(run: () => void): string[] {
  const warn = console.warn, warnings: string[] = [];
  console.warn = (text: string) => void warnings.push(text);
  try {
    run();
  } finally {
    console.warn = warn;
  }
  return warnings;
}

const repeat = (times: number, inputs: () => tf.Tensor[]): Calls => Array.from({ length: times }, () => inputs);
const vector = (...values: number[]) => tf.tensor1d(values);

for (const mode of ["graph", "xla"] as const) {
  testNative(`a compiled step (${mode}) trains a model with batch norm and a learning rate that changes`, () => {
    const make = () => {
      const weight = tf.variable(wave<tf.Rank.R2>([3, 4])), norm = new BatchNorm(4);
      const optimizer = new Adam([["matrix", weight], ...norm.parameters()], { learningRate: 0.05 });
      const step = (x: tf.Tensor) =>
        optimizer.minimize(() => {
          const output = norm.forward(tf.matMul(x as tf.Tensor2D, weight), { training: true });
          return tf.mean(tf.square(tf.sub(output, tf.sin(tf.slice(x, [0, 0], [-1, 1]))))) as tf.Scalar;
        });
      const state = [weight, norm.weight, norm.bias, norm.runningMean, norm.runningVar];
      return { step, state, before: (call: number) => void (call === 3 && (optimizer.learningRate = 0.001)) };
    };
    const batches = [0, 1, 2, 3, 4, 5].map((phase) => () => [wave([6, 3], phase)]);
    followsEager(make, batches, { mode });
  });

  testNative(`a compiled step (${mode}) takes batches of several shapes and types`, () => {
    const make = () => {
      const total = tf.variable(tf.scalar(0));
      const step = (x: tf.Tensor) => {
        total.assign(total.add(x.sum().toFloat()));
        return { twice: x.mul(tf.scalar(2, "int32")), size: tf.scalar(x.size) };
      };
      return { step, state: [total] };
    };
    const inputs = [
      tf.ones([2, 3]),
      tf.ones([3, 2]),
      tf.ones([2, 3]).mul(5),
      tf.ones([2, 3], "int32"),
      tf.scalar(7),
      tf.zeros([0, 3]),
      tf.ones([3, 2]).mul(4),
      tf.zeros([0, 3]),
      tf.ones([2, 3], "int32").mul(tf.scalar(3, "int32")),
    ];
    followsEager(make, inputs.map((x) => () => [x.clone()]), { mode });
  });

  testNative(`a compiled step (${mode}) draws anew in each call what the eager step draws`, () => {
    const make = () => {
      const random = new RandomStream(3, "noise");
      const step = (x: tf.Tensor) => ({
        // no product in the range: XLA may round a product and a sum at once
        uniform: random.uniform([5]),
        kept: x.mul(random.bernoulli([4], 0.5)),
      });
      return { step, state: [random.counter] };
    };
    followsEager(make, repeat(4, () => [vector(1, 2, 3, 4)]), { mode });
    const random = new RandomStream(3, "noise"), step = compile(() => random.uniform([5]), { mode });
    const draws = [1, 2, 3, 4].map(() => String(numbersOf(step())));
    assert.equal(new Set(draws).size, 4);
  });
}

testNative("two compiled steps run in turn, each with its own and with shared variables", () => {
  const make = () => {
    const shared = tf.variable(tf.scalar(1)), own = [tf.variable(tf.scalar(2)), tf.variable(tf.scalar(3))];
    const steps = own.map((variable) =>
      compile((x: tf.Tensor) => {
        shared.assign(shared.add(x.sum().mul(variable)));
        variable.assign(variable.mul(shared));
        return shared.add(0) as tf.Scalar;
      })
    );
    return { steps, state: [shared, ...own] };
  };
  const { steps, state } = make();
  // By hand: (shared, a, b) from (1, 2, 3) with x = 1
  const want = [[3, 6, 3], [6, 6, 18], [12, 72, 18], [30, 72, 540]];
  want.forEach((values, i) => {
    assert.deepEqual(numbersOf(steps[i % 2](tf.scalar(1))), [values[0]]);
    assert.deepEqual(numbersOf(state), values);
  });
});

testNative("a compiled step may call another one, which may also be called alone", () => {
  const count = tf.variable(tf.scalar(0));
  const inner = compile((x: tf.Tensor) => {
    count.assign(count.add(1));
    return x.mul(count);
  });
  const outer = compile((x: tf.Tensor) => inner(x).add(inner(x)));
  const results = [outer, inner, outer, outer, inner].map((step) => numbersOf(step(vector(1, 10))));
  assert.deepEqual(results, [[3, 30], [3, 30], [9, 90], [13, 130], [8, 80]]);
  assert.deepEqual(numbersOf(count), [8]);
});

testNative(
  "a compiled step tells its arguments apart: the same tensor twice, then two, and the other way round",
  () => {
    const same = vector(1, 2), other = vector(10, 20);
    for (const order of [[[same, same], [same, other], [other, same]], [[same, other], [same, same], [other, other]]]) {
      const step = compile((a: tf.Tensor, b: tf.Tensor) => a.sub(b.mul(2)));
      for (const [a, b] of order) {
        const want = numbersOf(a).map((x, i) => x - 2 * numbersOf(b)[i]);
        for (let call = 0; call < 2; call++) assert.deepEqual(numbersOf(step(a, b)), want);
      }
    }
  },
);

testNative("a compiled step tells variables apart that share memory, after assign() before it or in it", () => {
  const make = () => {
    const a = tf.variable(tf.scalar(1)), b = tf.variable(tf.scalar(2)), c = tf.variable(tf.scalar(5));
    a.assign(b);
    const step = (x: tf.Tensor) => {
      a.assign(a.add(x) as tf.Scalar);
      c.assign(b);
      b.assign(b.mul(3));
      return [a.sub(b), c.mul(100)];
    };
    return { step, state: [a, b, c] };
  };
  followsEager(make, repeat(4, () => [tf.scalar(1)]));
});

testNative("a tensor that a variable was made of is no variable: capturing it is an error, not another value", () => {
  const start = vector(1, 2), weight = tf.variable(start);
  const step = compile((x: tf.Tensor) => {
    weight.assign(weight.add(x));
    return weight.sub(start);
  });
  assert.throws(() => step(vector(1, 1)), /from outside in Sub/);
  assert.deepEqual(numbersOf(weight), [1, 2]);
});

testNative("results of a compiled step are the caller's, also arguments, variables and one tensor twice", () => {
  const weight = tf.variable(vector(1, 2));
  const step = compile((x: tf.Tensor) => {
    const y = x.add(weight);
    weight.assign(weight.add(1));
    return [x, weight, y, y];
  });
  const x = vector(10, 20);
  for (let call = 0; call < 3; call++) {
    const results = step(x);
    const before = [1 + call, 2 + call], after = before.map((w) => w + 1);
    assert.deepEqual(results.map(numbersOf), [[10, 20], after, [10 + before[0], 20 + before[1]], [
      10 + before[0],
      20 + before[1],
    ]]);
    tf.dispose(results);
    assert.deepEqual([x, weight].map(numbersOf), [[10, 20], after]);
  }
});

testNative("a compiled step returns records, arrays, null and nothing as they are", () => {
  const step = compile((x: tf.Tensor) => ({ a: x, list: [x.add(1), null, { b: x.add(2) }], nothing: undefined }));
  const silent = compile((_: tf.Tensor) => null), empty = compile(() => {});
  for (let call = 1; call <= 3; call++) {
    const { a, list: [first, none, { b }], ...rest } = step(tf.scalar(call)) as unknown as {
      a: tf.Tensor;
      list: [tf.Tensor, null, { b: tf.Tensor }];
    };
    assert.deepEqual([a, first, b].map(numbersOf), [[call], [call + 1], [call + 2]]);
    assert.deepEqual([none, rest], [null, { nothing: undefined }]);
    assert.equal(silent(tf.scalar(call)), null);
    assert.equal(empty(), undefined);
  }
});

testNative(
  "a variable among the arguments counts by its value at the call, on engines that do not compile too",
  async () => {
    for (const engine of ["libtensorflow", "cpu"]) {
      await useEngine(engine);
      const count = tf.variable(tf.scalar(0));
      const step = compile((x: tf.Tensor) => {
        count.assign(count.add(1));
        return x.mul(2);
      });
      assert.deepEqual([1, 2, 3].map(() => numbersOf(step(count))), [[0], [2], [4]], engine);
      assert.deepEqual(numbersOf(step(tf.scalar(50))), [100]);
    }
  },
);

testNative("an error in a compiled step leaves all variables as they were, and the step usable", () => {
  let fails = true;
  const a = tf.variable(tf.scalar(1)), b = tf.variable(tf.scalar(2));
  const step = compile((x: tf.Tensor) => {
    a.assign(a.add(10));
    if (fails) throw new Error("no more");
    b.assign(b.add(a));
    return x.add(b);
  });
  assert.throws(() => step(tf.scalar(0)), /no more/);
  assert.deepEqual([a, b].map(numbersOf), [[1], [2]]);
  fails = false;
  assert.deepEqual(numbersOf(step(tf.scalar(0))), [13]);
  fails = true; // the recording does not ask again …
  assert.deepEqual(numbersOf(step(tf.scalar(0))), [34]);
  assert.throws(() => step(vector(0, 0)), /no more/); // … but another shape does
  assert.deepEqual([a, b].map(numbersOf), [[21], [34]]);
});

testNative("a failed op, or a bad argument, spoils no later call", () => {
  const step = compile((x: tf.Tensor) => x.mul(2)), x = vector(1, 2), disposed = vector(3);
  disposed.dispose();
  assert.throws(() => tf.gather(x, tf.tensor1d([7], "int32")), /not in \[0, 2\)/);
  assert.deepEqual(numbersOf(step(x)), [2, 4]);
  assert.throws(() => step(disposed), /Expected live tensors as arguments, got a disposed one of shape \[1\]/);
  assert.throws(() => step(tf.tensor1d(["a"])), /tensors of numbers, got one of strings/);
  assert.throws(() => step(3 as unknown as tf.Tensor), /tensors of numbers, got number 3/);
  const fails = compile((x: tf.Tensor) => tf.gather(x, x.toInt()));
  assert.throws(() => fails(vector(0, 1, 9)), /not in \[0, 3\)/);
  assert.deepEqual(numbersOf(fails(vector(2, 1, 0))), [0, 1, 2]);
  assert.throws(() => fails(vector(0, 1, 9)), /not in \[0, 3\)/); // now in the recorded function
  assert.deepEqual(numbersOf(fails(vector(1, 1, 0))), [1, 1, 1]);
  assert.deepEqual(numbersOf(step(vector(5))), [10]);
  assert.equal(currentLibtensorflow()!.binding.isRecording, false);
});

testNative("an error in a recorded function leaves the variables it would have assigned as they were", () => {
  const count = tf.variable(tf.scalar(0));
  const step = compile((x: tf.Tensor) => {
    count.assign(count.add(1));
    return tf.gather(x, x.toInt());
  });
  step(vector(0, 0));
  assert.throws(() => step(vector(0, 5)), /not in \[0, 2\)/);
  assert.deepEqual(numbersOf(count), [1]);
});

testNative("a disposed step records again; steps of any name do", () => {
  const weight = tf.variable(tf.scalar(3));
  for (const name of ["", "größe", "bound step", "[a.b]", "n0", "MatMul"]) {
    const multiply = (x: tf.Tensor) => x.mul(weight);
    Object.defineProperty(multiply, "name", { value: name });
    const step = compile(multiply);
    for (let round = 0; round < 2; round++) {
      for (const x of [1, 2]) assert.deepEqual(numbersOf(step(tf.scalar(x))), [3 * x], name);
      step.dispose();
      step.dispose();
    }
  }
});

testNative("a variable that is disposed and replaced is found by the next call, whether read or only assigned", () => {
  let read = tf.variable(tf.scalar(2)), assigned = tf.variable(tf.scalar(0));
  const reader = compile((x: tf.Tensor) => x.mul(read));
  const writer = compile((x: tf.Tensor) => {
    assigned.assign(x.mul(2) as tf.Scalar);
    return null;
  });
  for (let value = 2; value < 5; value++) {
    for (let call = 0; call < 2; call++) {
      assert.deepEqual(numbersOf(reader(tf.scalar(10))), [10 * value]);
      writer(tf.scalar(value + call));
      assert.deepEqual(numbersOf(assigned), [2 * (value + call)]);
    }
    read.dispose();
    assigned.dispose();
    [read, assigned] = [tf.variable(tf.scalar(value + 1)), tf.variable(tf.scalar(0))];
  }
});

testNative("a scalar from outside counts by its value; disposed and replaced, the step is recorded anew", () => {
  let temperature = tf.scalar(2);
  const step = compile((x: tf.Tensor) => x.div(temperature));
  for (const value of [2, 2, 4, 4]) {
    temperature.dispose();
    temperature = tf.scalar(value);
    for (let call = 0; call < 2; call++) assert.deepEqual(numbersOf(step(vector(8))), [8 / value]);
  }
});

const stockOptimizers: Record<string, () => tf.Optimizer> = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  adagrad: () => tf.train.adagrad(0.1),
  adadelta: () => tf.train.adadelta(0.1),
  rmsprop: () => tf.train.rmsprop(0.1),
  adam: () => tf.train.adam(0.1),
  adamax: () => tf.train.adamax(0.1),
};
for (const [name, newOptimizer] of Object.entries(stockOptimizers)) {
  testNative(`a compiled step takes tfjs's own ${name}, with slots made at its first step and a rate set later`, () => {
    const make = () => {
      const weight = tf.variable(vector(1, -2, 3)), optimizer = newOptimizer();
      const step = (x: tf.Tensor) => optimizer.minimize(() => x.mul(weight).sub(1).square().mean(), true);
      const before = (call: number) => void (call === 4 && Object.assign(optimizer, { learningRate: 0.9 }));
      return { step, state: [weight], before };
    };
    followsEager(make, repeat(7, () => [vector(1, 2, 3)]));
  });
}

testNative("a compiled step of tfjs's sgd follows a new learning rate", () => {
  const make = () => {
    const weight = tf.variable(vector(1, -2)), optimizer = tf.train.sgd(0.1);
    const step = () => optimizer.minimize(() => weight.square().sum(), true);
    return { step, state: [weight], before: (call: number) => optimizer.setLearningRate(0.1 / (1 + call)) };
  };
  followsEager(make, repeat(4, () => []));
});

testNative("a gradient of a compiled step is that of the step", () => {
  const norm = compile((x: tf.Tensor) => x.square().sum()), x = vector(1, 2);
  norm(x);
  const gradient = tf.grad((x) => norm(x).add(x.sum()));
  for (let call = 0; call < 3; call++) assert.deepEqual(numbersOf(gradient(x)), [3, 5]);
  const weight = tf.variable(vector(3, 4)), loss = compile(() => weight.square().sum() as tf.Scalar);
  for (let call = 0; call < 3; call++) assert.deepEqual(numbersOf(tf.variableGrads(() => loss()).grads), [6, 8]);
});

testNative("gradients inside a compiled step are part of it", () => {
  const make = () => ({ step: (x: tf.Tensor) => tf.valueAndGrad((y) => y.square().mul(y).sum())(x) as never });
  followsEager(make, [() => [vector(1, 2)], () => [vector(3, -1)], () => [vector(0, 5)]]);
});

testNative("a compiled step says what it cannot keep, and how to do it instead", () => {
  const x = vector(1, 2, 3), outside = vector(4, 5, 6), weight = tf.variable(vector(1, 1, 1));
  const { uniform } = randomNumbers(0, "drawn in a step");
  const caught = (x: tf.Tensor, read: () => void) => {
    try {
      read();
    } catch { /* the step goes on as if nothing had happened */ }
    return x.mul(2);
  };
  const traps: [RegExp, (x: tf.Tensor) => TensorTree][] = [
    [/not to read values.*read it outside/s, (x) => tf.scalar(x.sum().dataSync()[0])],
    [/not to read values/, (x) => x.mul((x.arraySync() as number[])[0])],
    [/not to read values/, (x) => tf.tensor1d([...x.bufferSync().values])],
    [/print\(\) of what Square gives/, (x) => (x.square().print(), x)],
    [/print\(\) of an argument or a variable/, (x) => caught(x, () => x.dataSync())],
    [/print\(\) of a tensor from outside/, (x) => caught(x, () => outside.dataSync())],
    [/not to read values/, (x) => (x.data().catch(() => {}), x)],
    [/Math\.random\(\).*RandomStream/s, (x) => x.add(tf.randomNormal([3]))],
    [/Math\.random\(\)/, (x) => x.add(tf.randomUniform([3]))],
    [/Math\.random\(\)/, (x) => tf.dropout(x, 0.5)],
    [/Math\.random\(\)/, (x) => x.mul(Math.random())],
    [/got randomNumbers\(\): .*RandomStream/, (x) => x.mul(uniform())],
    [/got crypto\.getRandomValues\(\)/, (x) => x.mul(crypto.getRandomValues(new Uint8Array(1))[0])],
    [/from outside in Add.*tf\.variable/s, (x) => x.add(outside)],
    [/from outside in the step's result/, () => outside],
  ];
  for (const [message, step] of traps) {
    const compiled = compile((x: tf.Tensor) => {
      weight.assign(weight.add(1));
      return step(x);
    });
    const before = tensorsHeld();
    for (let call = 0; call < 2; call++) {
      assert.throws(() => compiled(x), (error) => error instanceof RecordingError && message.test(error.message));
    }
    assert.deepEqual(tensorsHeld(), before, String(step));
    assert.deepEqual(numbersOf(weight), [1, 1, 1]);
    assert.deepEqual(numbersOf(outside), [4, 5, 6]);
  }
  assert.match(String(Math.random), /native code/); // nobody listens any more
  assert.ok(!Object.hasOwn(crypto, "getRandomValues"));
  assert.ok(uniform() < 1);
});

testNative("a shape that depends on values cannot be recorded: the error names the op", () => {
  const type = { name: "T", type: AttributeType.type, value: DataType.float32 };
  const compiled = compile((x: tf.Tensor) => currentLibtensorflow()!.execute("Where", [type], [x]));
  const message = /shapes .* to follow from those of its arguments, got one that depends on values, of Where/;
  assert.throws(
    () => compiled(vector(0, 1)),
    (error) => error instanceof RecordingError && message.test(error.message),
  );
});

testNative("a variable that a failing first call has created has its value from then on", () => {
  let slot: tf.Variable | undefined;
  const step = compile((x: tf.Tensor) => {
    slot ??= tf.tidy(() => tf.variable(x.mul(2)));
    slot.assign(slot.add(1));
    if (x.shape[0] === 2) throw new Error("two");
    return slot.mul(1);
  });
  assert.throws(() => step(vector(1, 2)), /two/);
  assert.deepEqual(numbersOf(slot), [3, 5]);
  assert.throws(() => step(vector(1, 2)), /two/);
  assert.deepEqual(numbersOf(slot), [3, 5]);
  slot!.dispose();
});

testNative("a first call runs the step once: what it draws and assigns counts once", () => {
  const random = new RandomStream(3, "once"), count = tf.variable(tf.scalar(0));
  const step = compile(() => {
    count.assign(count.add(1));
    return random.uniform([2]);
  });
  const first = numbersOf(step()), other = new RandomStream(3, "once");
  assert.deepEqual(first, numbersOf(other.uniform([2])));
  assert.deepEqual(numbersOf([count, random.counter]), [1, 1]);
});

testNative("a compiled step may create variables in its first calls, not in every one", () => {
  const made: tf.Variable[] = [];
  const step = compile((x: tf.Tensor) => {
    made.push(tf.variable(x.add(1)));
    return made.at(-1)!.mul(2);
  });
  const run = () => {
    for (let call = 0; call < 9; call++) step(tf.scalar(call));
  };
  assert.throws(run, /create its variables in its first calls, got new ones in 4 calls, now "\w+" of shape \[\]/);
  assert.deepEqual(made.map(numbersOf), [[1], [2], [3], [4]]);
  assert.deepEqual(numbersOf(compile((x: tf.Tensor) => x.mul(made[3]))(vector(2))), [8]); // no other step suffers
  tf.dispose(made);
});

testNative("a compiled step keeps its recordings of 8 shapes; the one used longest ago goes", () => {
  let recordings = 0;
  const step = compile((x: tf.Tensor) => {
    recordings++;
    return x.sum();
  });
  const warnings = warningsOf(() => {
    const call = (size: number) => assert.deepEqual(numbersOf(step(tf.ones([size]))), [size]);
    for (let size = 1; size <= 8; size++) call(size);
    for (const size of [1, 8, 3, 1]) call(size);
    assert.equal(recordings, 8);
    call(9); // makes 2 go
    for (const size of [1, 3, 4, 5, 6, 7, 8, 9]) call(size);
    assert.equal(recordings, 9);
    call(2);
    assert.equal(recordings, 10);
  });
  assert.equal(warnings.length, 1);
});

testNative("a step that is recorded again and again, as tfjs's learning rates are set, says so once", () => {
  const sgd = tf.train.sgd(0.1), adam = tf.train.adam(0.1);
  const settings: [tf.Optimizer, (learningRate: number) => void][] = [
    [sgd, (learningRate) => sgd.setLearningRate(learningRate)],
    [adam, (learningRate) => Object.assign(adam, { learningRate })],
  ];
  for (const [optimizer, set] of settings) {
    const weight = tf.variable(vector(1, -2));
    const step = compile(() => optimizer.minimize(() => weight.square().sum(), true, [weight]));
    const warnings = warningsOf(() => {
      for (let call = 0; call < 20; call++) {
        set(0.1 / (1 + call));
        step()?.dispose();
      }
    });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /before 8 calls: .*optimiser of braid/);
  }
});

testNative("a compiled step goes on where another engine left the variables, and can be disposed there", async () => {
  const weight = tf.variable(vector(1, 2)), functions = currentLibtensorflow()!.binding;
  const step = compile((x: tf.Tensor) => {
    weight.assign(weight.add(x));
    return weight.mul(10);
  });
  for (const [call, engine] of ["libtensorflow", "libtensorflow", "cpu", "libtensorflow", "cpu"].entries()) {
    await useEngine(engine);
    assert.deepEqual(numbersOf(step(vector(1, 1))), [10 * (call + 2), 10 * (call + 3)], `call ${call} on ${engine}`);
  }
  const removed: string[] = [], { removeFunction } = functions;
  functions.removeFunction = (recorded) => {
    removed.push(recorded.name);
    removeFunction.call(functions, recorded);
  };
  try {
    step.dispose(); // on the engine cpu
  } finally {
    functions.removeFunction = removeFunction;
  }
  assert.equal(removed.length, 1);
});

for (const engine of ["libtensorflow", "cpu"]) {
  testNative(`a compiled step that is async or returns no tensors says so (${engine})`, async () => {
    await useEngine(engine);
    const x = tf.scalar(1);
    const steps = [
      async () => tf.scalar((await x.data())[0]), // deno test would fail on a rejection that nobody handles
      () => 5,
      () => [new Float32Array(2)],
      () => ({ when: new Date(0) }),
    ];
    for (const step of steps as unknown as (() => tf.Tensor)[]) {
      assert.throws(() => compile(step)(), /to return tensors.*not to be async, got \[object \w+\]/);
    }
  });
}

testNative("200 compiled calls leave the number of tensors where it was", () => {
  const weight = tf.variable(wave<tf.Rank.R2>([3, 2])), norm = new BatchNorm(2), random = new RandomStream(0, "drop");
  const optimizer = new Adam([["weight", weight]]);
  const step = compile((x: tf.Tensor) => {
    const dropped = x.mul(random.bernoulli([4, 3], 0.5));
    return optimizer.minimize(() => ({
      value: norm.forward(tf.matMul(dropped as tf.Tensor2D, weight), { training: true }).square().mean() as tf.Scalar,
      size: tf.scalar(4),
    }));
  });
  const x = wave([4, 3]);
  tf.dispose(step(x));
  const before = tensorsHeld();
  for (let call = 0; call < 200; call++) tf.dispose(step(x));
  assert.deepEqual(tensorsHeld(), before);
});

testNative("recording leaves no tensor behind either", () => {
  const weight = tf.variable(vector(1, 2)), x = vector(3, 4);
  const step = compile((x: tf.Tensor) => {
    weight.assign(weight.add(x));
    return { weight, sum: weight.sum() };
  });
  tf.dispose(step(x));
  step.dispose();
  const before = tensorsHeld();
  for (let round = 0; round < 3; round++) {
    tf.dispose(step(x));
    step.dispose();
  }
  assert.deepEqual(tensorsHeld(), before);
});

Deno.test("on an engine that does not compile, a compiled step runs, tidies up and keeps variables from errors", async () => {
  await useEngine("cpu");
  const weight = tf.variable(vector(1, 2)), x = vector(10, 20);
  const step = compile((x: tf.Tensor) => {
    weight.assign(weight.add(1));
    if (x.size === 1) throw new Error("too small");
    return { x, sum: x.add(weight) };
  });
  const before = tf.memory().numTensors, results = step(x);
  assert.deepEqual(numbersOf(results), [10, 20, 12, 23]);
  tf.dispose(results);
  assert.deepEqual(numbersOf([weight, x]), [2, 3, 10, 20]);
  assert.throws(() => tf.tidy(() => step(vector(1))), /too small/);
  assert.deepEqual(numbersOf(weight), [2, 3]);
  assert.equal(tf.memory().numTensors, before);
  step.dispose();
});
