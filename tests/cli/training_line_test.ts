import assert from "node:assert/strict";
import { runCli } from "./run_cli.ts";

/** What a process prints that shows these reports, where its output is a file. */
async function shown(reports: object[]): Promise<string> {
  const script = `import { trainingLine } from "braid/cli/training_line.ts";
    const line = trainingLine("CoMM");
    for (const report of ${JSON.stringify(reports)}) line.report(report);
    line.end();`;
  const { code, stdout, stderr } = await runCli(null, ["eval", script], {});
  assert.equal(code, 0, stderr);
  return stdout + stderr;
}

const report = { steps: 200, epoch: 0, terms: {}, samplesPerSecond: 319.6, seconds: 4 };

Deno.test("trainingLine() tells step, loss, speed and time left", async () => {
  const text = await shown([{ ...report, step: 20, loss: 4.98765, secondsLeft: 36.4 }]);
  assert.match(text, /CoMM \[.*\] step 20\/200 {2}loss 4\.988 {2}320 samples\/s {2}36 s left/);
});

Deno.test("trainingLine() counts minutes and hours where seconds would be many", async () => {
  assert.match(await shown([{ ...report, step: 20, loss: 5, secondsLeft: 89.4 }]), / 89 s left/);
  assert.match(await shown([{ ...report, step: 20, loss: 5, secondsLeft: 600 }]), / 10 min left/);
  assert.match(await shown([{ ...report, step: 20, loss: 5, secondsLeft: 5390 }]), / 90 min left/);
  assert.match(await shown([{ ...report, step: 20, loss: 5, secondsLeft: 9000 }]), / 2\.5 h left/);
  assert.match(await shown([{ ...report, step: 20, loss: 5, secondsLeft: 432_000 }]), / 120 h left/);
});

Deno.test("trainingLine() ends with the last report", async () => {
  const steps = [20, 100, 200].map((step) => ({ ...report, step, loss: 5 - step / 100, secondsLeft: 0 }));
  assert.match((await shown(steps)).trimEnd().split("\n").at(-1)!, /step 200\/200 {2}loss 3\.000/);
});

Deno.test("trainingLine() without a report shows no progress", async () => {
  assert.doesNotMatch(await shown([]), /step|loss/);
});
