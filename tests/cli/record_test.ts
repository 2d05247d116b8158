import assert from "node:assert/strict";
import { join } from "node:path";
import { readRecordedRun } from "braid/evaluation/recorded_run.ts";
import { readRecordedAtoms, recordedAtomsPath } from "braid/interactions/recorded_atoms.ts";
import { runCli } from "./run_cli.ts";

const record = (...args: string[]) => runCli("record.ts", args, {});

Deno.test("record answers a mistake with one line that says what it takes", async () => {
  for (
    const [args, message] of [
      [["--method", "CLIP"], /^error: .*Allowed choices are CoMM, Cross, Cross\+Self, FactorCL\.$/],
      [["--preset", "quik"], /^error: .*Allowed choices are smoke, quick, recorded, paper\.$/],
      [["--steps", "0"], /^error: .*Expected a whole number of at least 1, got "0"$/],
      [["--steps", "1.5"], /^error: .*Expected a whole number of at least 1, got "1\.5"$/],
      [["--seed", "-1"], /^error: .*Expected a whole number of at least 0, got "-1"$/],
      [["--terms", "fused"], /^error: .*Allowed choices are all, joint, single\.$/],
      [["--fusion", "sum"], /^error: .*Allowed choices are transformer, linear, mlp\.$/],
      [["--augmentation", "flip"], /^error: .*Expected an augmentation of all, .*, got "flip"$/],
      [["--method", "Cross", "--terms", "joint"], /^error: Expected CoMM where terms is chosen, got Cross/],
      [["--seed", ""], /^error: .*Expected a whole number of at least 0, got ""$/],
    ] as const
  ) {
    const { code, stdout, stderr } = await record("comm", ...args);
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(stderr.trimEnd(), message);
  }
});

Deno.test("record writes a run under a name that tells it apart, with the command that repeats it", async () => {
  const folder = await Deno.makeTempDir();
  const args = ["--method", "Cross+Self", "--preset", "smoke", "--steps", "2", "--seed", "7", "--biased"];
  const { code, stdout, stderr } = await record("comm", ...args, "--out", folder);
  assert.equal(code, 0, stderr);
  const path = join(folder, "comm-trifeature-32-cross-self-biased-seed-7.json"), run = await readRecordedRun(path);
  assert.ok(stdout.endsWith(`wrote ${path}\n`), stdout);
  assert.equal(run.command, `deno task record comm ${args.join(" ")}`);
  assert.partialDeepStrictEqual(run.config, { method: "Cross+Self", biased: true, steps: 2, seed: 7, size: 32 });
  assert.deepEqual([run.seed, run.curve.at(-1)!.step, run.probes.at(-1)!.step], [7, 2, 2]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("record tells an ablation of the loss by its name, its command and its settings", async () => {
  const folder = await Deno.makeTempDir();
  const args = ["--method", "CoMM", "--preset", "smoke", "--steps", "2", "--seed", "7", "--terms", "joint", "--biased"];
  const { code, stderr } = await record("comm", ...args, "--out", folder);
  assert.equal(code, 0, stderr);
  const path = join(folder, "comm-trifeature-32-comm-terms-joint-biased-seed-7.json"),
    run = await readRecordedRun(path);
  assert.equal(run.command, `deno task record comm ${args.join(" ")}`);
  assert.equal(run.config.terms, "joint");
  for (const { loss, terms } of run.curve) assert.ok(Math.abs(loss - terms.both / 3) < 1e-4 * loss);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("record names fusion and augmentation, where they differ from what was published", async () => {
  const folder = await Deno.makeTempDir(), changes = ["--fusion", "linear", "--augmentation", "all,crop-0.5"];
  const args = ["--method", "CoMM", "--preset", "smoke", "--steps", "1", "--seed", "7", "--terms", "all", ...changes];
  const { code, stderr } = await record("comm", ...args, "--out", folder);
  assert.equal(code, 0, stderr);
  const path = join(folder, "comm-trifeature-32-comm-fusion-linear-augmentation-all-crop-0.5-seed-7.json");
  const { command, config } = await readRecordedRun(path);
  assert.ok(command.endsWith(` --seed 7 ${changes.join(" ")}`), command);
  assert.deepEqual([config.terms, config.fusion, config.augmentation], [undefined, "linear", "all,crop-0.5"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("record trains on a reader's own sequences, or says what is wrong with the copy", async () => {
  const copy = new URL("../datasets/pickles/affect-4.pkl", import.meta.url).pathname;
  for (
    const [data, message] of [
      [copy, /^error: Expected at least a batch of 64 training samples, got 2$/],
      ["nowhere.pkl", /^error: Expected a pickle of MultiBench at nowhere\.pkl, got no such file/],
    ] as const
  ) {
    const { code, stdout, stderr } = await record("comm-sequences", "--data", data);
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(stderr.trimEnd(), message);
  }
});

Deno.test("record interactions writes the atoms of a data set, with the command that repeats it", async () => {
  const folder = await Deno.makeTempDir(), data = "two views of digits";
  const args = ["--data", data, "--seeds", "1", "--epochs", "1"];
  const { code, stdout, stderr } = await record("interactions", ...args, "--out", folder);
  assert.equal(code, 0, stderr);
  const path = recordedAtomsPath(data, folder), { command, config, measured } = await readRecordedAtoms(path);
  assert.equal(command, `deno task record interactions --data "${data}" --seeds 1 --epochs 1`);
  assert.deepEqual([config.epochs, config.seeds], [1, "1"]);
  assert.deepEqual(stdout.trimEnd().split("\n"), [
    ...measured.map(({ method }) => `${data}, seed 1: ${method}`),
    `wrote ${path}`,
  ]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("record interactions knows its data sets", async () => {
  const { code, stderr } = await record("interactions", "--data", "digits");
  assert.equal(code, 1);
  assert.match(stderr, /^error: .*Allowed choices are seen and heard digits, two views of digits\.\n$/);
});
