import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { join } from "node:path";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { RandomStream } from "braid/engine/random.ts";
import { type EngineName, useEngine } from "braid/engine/engine.ts";
import { InvalidFileError } from "braid/files/json_file.ts";
import { Linear } from "braid/nn/linear.ts";
import { Checkpoints, type Stateful } from "braid/training/checkpoints.ts";
import { DivergenceError } from "braid/training/train.ts";
import { run } from "./resumable_run.ts";

await useEngine("cpu");

/** A part with one variable. */
const holder = (variable: tf.Variable): Stateful => ({
  stateDict: () => ({ value: variable.clone() }),
  loadStateDict: ({ value }) => variable.assign(value),
});

const inFolder = (name: string, body: (folder: string) => Promise<void>) =>
  Deno.test(name, async () => {
    const folder = await Deno.makeTempDir();
    try {
      await body(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

/** What is warned of while a body runs. */
async function warnings(body: () => Promise<unknown>): Promise<string[]> {
  const { warn } = console, heard: string[] = [];
  console.warn = (message: string) => heard.push(message);
  try {
    await body();
  } finally {
    console.warn = warn;
  }
  return heard;
}

/** Saves steps 1, 2, 3, at which the variable has ten times the value. */
async function threeSteps(folder: string): Promise<{ variable: tf.Variable; checkpoints: Checkpoints }> {
  const variable = tf.variable(tf.tensor1d([0, 0])), checkpoints = new Checkpoints(folder, { part: holder(variable) });
  for (const step of [1, 2, 3]) {
    variable.assign(tf.tensor1d([10 * step, -1]));
    await checkpoints.save(step, { curve: [step] });
  }
  variable.assign(tf.tensor1d([0, 0]));
  return { variable, checkpoints };
}

inFolder("the last checkpoint comes back: tensors, step and record; older ones than two are gone", async (folder) => {
  const { variable, checkpoints } = await threeSteps(folder);
  assert.deepEqual(await checkpoints.restore(), { step: 3, record: { curve: [3] } });
  assert.deepEqual(variable.arraySync(), [30, -1]);
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  assert.deepEqual(names, ["step-2.json", "step-2.safetensors", "step-3.json", "step-3.safetensors"]);
});

inFolder("an empty folder, or none, holds no checkpoint", async (folder) => {
  const parts = { part: holder(tf.variable(tf.scalar(1))) };
  assert.equal(await new Checkpoints(folder, parts).restore(), undefined);
  assert.equal(await new Checkpoints(join(folder, "none"), parts).restore(), undefined);
});

inFolder("steps count as numbers, not as texts: 10 comes after 9", async (folder) => {
  const variable = tf.variable(tf.scalar(0)), checkpoints = new Checkpoints(folder, { part: holder(variable) });
  for (const step of [8, 9, 10]) await checkpoints.save(step);
  assert.deepEqual(await checkpoints.restore(), { step: 10, record: null });
});

const damages: [what: string, file: string, reason: RegExp, damage: (bytes: Uint8Array) => Uint8Array | null][] = [
  [
    "cut off",
    "step-3.safetensors",
    /step-3\.safetensors to be as it was written, got \d+ bytes/,
    (b) => b.slice(0, -1),
  ],
  ["empty", "step-3.safetensors", /got 0 bytes that differ/, () => new Uint8Array()],
  ["changed in one bit", "step-3.safetensors", /as it was written/, (b) => (b[b.length - 1] ^= 1, b)],
  ["gone", "step-3.safetensors", /Expected the tensors of a checkpoint in .*step-3/, () => null],
  ["cut off", "step-3.json", /step-3\.json to be a checkpoint, got text that is not JSON/, (b) => b.slice(0, -2)],
  ["empty", "step-3.json", /an empty file/, () => new Uint8Array()],
  ["edited", "step-3.json", /step-3\.json to be as it was written, got other content/, (b) => edited(b, "[3]", "[4]")],
  ["of another form", "step-3.json", /a checkpoint, got/, (b) => edited(b, '"content"', '"contents"')],
];

for (const [what, file, reason, damage] of damages) {
  inFolder(
    `a checkpoint whose ${file} is ${what} is refused with the reason; the one before it is taken`,
    async (folder) => {
      const { variable, checkpoints } = await threeSteps(folder), path = join(folder, file);
      const damaged = damage(await Deno.readFile(path));
      await (damaged ? Deno.writeFile(path, damaged) : Deno.remove(path));
      const heard = await warnings(async () => assert.equal((await checkpoints.restore())?.step, 2));
      assert.equal(heard.length, 1);
      assert.match(heard[0], reason);
      assert.match(heard[0], /taking the checkpoint before it, of step 2$/);
      assert.deepEqual(variable.arraySync(), [20, -1]);
    },
  );
}

const edited = (bytes: Uint8Array, from: string, to: string) =>
  new TextEncoder().encode(new TextDecoder().decode(bytes).replace(from, to));

inFolder("where no checkpoint is whole the last one's reason is the error, and nothing is set", async (folder) => {
  const { variable, checkpoints } = await threeSteps(folder);
  for (const step of [2, 3]) await Deno.writeFile(join(folder, `step-${step}.safetensors`), Uint8Array.of(1));
  await warnings(() => assert.rejects(checkpoints.restore(), (error) => error instanceof InvalidFileError));
  assert.deepEqual(variable.arraySync(), [0, 0]);
});

inFolder("tensors without their JSON file, as a killed run leaves them, are no checkpoint", async (folder) => {
  const { checkpoints } = await threeSteps(folder);
  await Deno.writeFile(join(folder, "step-4.safetensors"), Uint8Array.of(1));
  await Deno.writeFile(join(folder, "step-4.json.0.unfinished"), Uint8Array.of(1));
  assert.equal((await checkpoints.restore())?.step, 3);
  await checkpoints.save(4); // the run comes to that step again
  assert.equal((await checkpoints.restore())?.step, 4);
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  assert.ok(!names.some((name) => name.endsWith(".unfinished")), String(names));
});

inFolder(
  "a number that is not finite is not kept: the error names it, and the checkpoints before stay",
  async (folder) => {
    const { variable, checkpoints } = await threeSteps(folder);
    for (const value of [NaN, Infinity]) {
      variable.assign(tf.tensor1d([1, value]));
      await assert.rejects(
        checkpoints.save(4),
        (error) =>
          error instanceof DivergenceError && new RegExp(`step 4, got ${value} in part\\.value`).test(error.message),
      );
    }
    assert.equal((await checkpoints.restore())?.step, 3);
  },
);

inFolder("a checkpoint of other parts is refused", async (folder) => {
  const random = new RandomStream(0, "weights"),
    narrow = new Linear(2, 3, { random }),
    wide = new Linear(2, 4, { random });
  await new Checkpoints(folder, { model: narrow }).save(1);
  await assert.rejects(
    new Checkpoints(folder, { model: wide }).restore(),
    /weight to be float32 \[4,2\], got float32 \[3,2\]/,
  );
  await assert.rejects(new Checkpoints(folder, { net: narrow }).restore(), /of net in .*, got "model\.weight" in it/);
  await assert.rejects(new Checkpoints(folder, { model: narrow, random }).restore(), /random stream.*got nothing/);
});

Deno.test("wrong names, numbers and steps are refused", async () => {
  const part = holder(tf.variable(tf.scalar(1)));
  assert.throws(() => new Checkpoints("folder", { "a.b": part }), /letters, digits and _ .* got "a\.b"/);
  for (const keep of [1, 0, 2.5, NaN]) {
    assert.throws(() => new Checkpoints("folder", { part }, { keep }), /at least 2 checkpoints, got/);
  }
  for (const step of [-1, 0.5, NaN]) {
    await assert.rejects(new Checkpoints("folder", { part }).save(step), /whole number of steps, got/);
  }
});

inFolder("saving and restoring leave no tensor behind", async (folder) => {
  const model = new Linear(2, 3, { random: new RandomStream(0, "weights") }), { numTensors } = tf.memory();
  const checkpoints = new Checkpoints(folder, { model });
  await checkpoints.save(1);
  await checkpoints.restore();
  model.bias!.assign(tf.tidy(() => tf.fill([3], NaN)));
  await assert.rejects(checkpoints.save(2));
  await Deno.writeFile(join(folder, "step-1.safetensors"), Uint8Array.of(1));
  await assert.rejects(checkpoints.restore());
  assert.ok(tf.memory().numTensors <= numTensors + 1, String(tf.memory().numTensors - numTensors)); // the fill
});

/** Starts the run as a process and kills it up to 0.1 s after it has saved something, until it gets to its end by itself. */
async function killAndResume(
  engine: EngineName,
  steps: number,
  kills: number,
): Promise<{ hash: string; from: number[] }> {
  const folder = await Deno.makeTempDir(), script = join(import.meta.dirname!, "resumable_run.ts");
  const { uniform } = randomNumbers(5, "kills"), from: number[] = [];
  for (let kill = 0;; kill++) {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", script, folder, String(steps), engine],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    let text = "", timer: ReturnType<typeof setTimeout> | undefined;
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (kill < kills && text.includes("saved")) timer ??= setTimeout(() => child.kill("SIGKILL"), 100 * uniform());
    }
    clearTimeout(timer);
    const { code } = await child.status;
    from.push(Number(/^from (\d+)/.exec(text)?.[1]));
    if (code === 0) {
      await Deno.remove(folder, { recursive: true });
      return { hash: text.trim().split("\n").at(-1)!, from };
    }
    assert.ok(kill < kills, text);
  }
}

for (const [engine, kills] of [["cpu", 20], ["libtensorflow", 3]] as const) {
  Deno.test(`a run on ${engine} that is killed ${kills} times ends with the same bits as one that is not`, async () => {
    await useEngine(engine);
    const steps = 400, whole = await Deno.makeTempDir(), undisturbed = await run(whole, steps);
    const { hash, from } = await killAndResume(engine, steps, kills);
    assert.equal(hash, undisturbed);
    assert.equal(from.length, kills + 1);
    assert.ok(from.every((step, i) => i === 0 ? step === 0 : step > from[i - 1]), String(from));
    await Deno.remove(whole, { recursive: true });
    await useEngine("cpu");
  });
}
