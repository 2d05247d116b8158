import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { join } from "node:path";
import { compile } from "braid/engine/compile.ts";
import { type FunctionMode, ModeRace } from "braid/engine/mode_race.ts";
import { numbersOf, testNative } from "./engines.ts";

/** Calls a race so often, each call as long as its mode takes, and gives the modes of the calls. */
function calls(race: ModeRace, times: number, milliseconds: Record<FunctionMode, number>): FunctionMode[] {
  const wait = (mode: FunctionMode) => {
    const end = performance.now() + milliseconds[mode];
    while (performance.now() < end);
    return mode;
  };
  return Array.from({ length: times }, () => race.run(wait));
}

async function inFolder(run: (folder: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a race times graph, then XLA, then stays with the faster one", () =>
  inFolder((folder) => {
    const trials = [...Array(4).fill("graph"), ...Array(4).fill("xla")];
    assert.deepEqual(calls(new ModeRace(folder, "a"), 10, { graph: 2, xla: 0.2 }), [...trials, "xla", "xla"]);
    assert.deepEqual(calls(new ModeRace(folder, "b"), 10, { graph: 0.2, xla: 2 }), [...trials, "graph", "graph"]);
  }));

Deno.test("the winner is remembered for the same key only; what is no winner's name is ignored", () =>
  inFolder((folder) => {
    calls(new ModeRace(join(folder, "below"), "a"), 8, { graph: 2, xla: 0.2 });
    assert.equal(new ModeRace(join(folder, "below"), "a").mode, "xla");
    assert.ok(!calls(new ModeRace(join(folder, "below"), "a"), 9, { graph: 0, xla: 0 }).includes("graph"));
    assert.deepEqual(calls(new ModeRace(join(folder, "below"), "b"), 4, { graph: 0, xla: 0 }), Array(4).fill("graph"));
    Deno.writeTextFileSync(join(folder, "c"), "fastest");
    assert.equal(new ModeRace(folder, "c").mode, "graph");
  }));

Deno.test("a call that fails is not timed, and a folder that cannot be written to only costs another race", () =>
  inFolder((folder) => {
    Deno.writeTextFileSync(join(folder, "file"), "");
    const race = new ModeRace(join(folder, "file"), "a");
    const fail = () => {
      throw new Error("no memory");
    };
    assert.throws(() => race.run(fail), /no memory/);
    assert.equal(calls(race, 8, { graph: 2, xla: 0.2 }).filter((mode) => mode === "graph").length, 4);
    assert.equal(race.mode, "xla");
  }));

testNative(
  "a step compiled in the mode auto computes the same in all calls of the race and after it",
  () =>
    inFolder((folder) =>
      withEnv("XDG_CACHE_HOME", folder, () => {
        const weight = tf.variable(tf.tensor1d([1, 2])),
          step = compile((x: tf.Tensor) => {
            weight.assign(weight.add(x));
            return weight.mul(2);
          }, { mode: "auto" });
        for (let call = 1; call <= 12; call++) {
          assert.deepEqual(numbersOf(step(tf.tensor1d([1, 0.5]))), [2 + 2 * call, 4 + call]);
        }
        const remembered = () => [...Deno.readDirSync(join(folder, "braid", "faster-modes"))].length;
        assert.equal(remembered(), 1);
        // The same ops, but another one's output is the result: another function.
        for (const which of [0, 1]) {
          const either = compile((x: tf.Tensor) => [x.square(), x.neg()][which], { mode: "auto" });
          for (let call = 0; call < 8; call++) either(tf.scalar(2)).dispose();
        }
        assert.equal(remembered(), 3);
      })
    ),
);

function withEnv(name: string, value: string, run: () => void): void {
  const before = Deno.env.get(name);
  Deno.env.set(name, value);
  try {
    run();
  } finally {
    if (before === undefined) Deno.env.delete(name);
    else Deno.env.set(name, before);
  }
}
