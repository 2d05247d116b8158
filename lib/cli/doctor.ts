// deno task doctor: which engines work here, whether they agree, and what to do for the others.

import { Command } from "commander";
import { diagnose, type Diagnosis, type EngineDiagnosis, isWell } from "./doctor/diagnose.ts";

/** A diagnosis for people: a line each for versions, libtensorflow's files, every engine, and the choice. */
export function describe({ versions, library, engines, chosen }: Diagnosis): string {
  const files = [library.state, library.directory && `in ${library.directory}`, library.problem].filter(Boolean);
  const names = engines.filter(({ problem }) => !problem).map(({ name }) => name).join(", ");
  return [
    `Deno ${versions.deno}, tfjs ${versions.tfjs}, ${versions.platform}`,
    `libtensorflow's files: ${files.join(", ")}`,
    ...engines.map(describeEngine),
    chosen
      ? `Braid computes on ${chosen}; set BRAID_ENGINE to choose (${names}).`
      : `Expected BRAID_ENGINE to name an engine that works (${names}), got ${Deno.env.get("BRAID_ENGINE")}.`,
  ].join("\n");
}

function describeEngine(engine: EngineDiagnosis): string {
  const { name, problem, description, devices, onGpu, comparisons, seconds } = engine;
  const verdict = problem ? "does not work" : isWell(engine) ? "works" : "differs";
  const compared = comparisons.map((c) =>
    c.agrees
      ? `agrees with ${c.with} to ${c.difference.toExponential(0)}`
      : `differs from ${c.with} by ${
        c.difference.toPrecision(2)
      } in ${c.computation} (rounding explains ${c.tolerance})`
  );
  const advice = verdict === "differs" ? ["let BRAID_ENGINE name one that agrees with another, and report this"] : [];
  const software = name === "webgpu" && !onGpu ? ["no GPU but software, taken only if BRAID_ENGINE names it"] : [];
  const facts = problem
    ? [problem]
    : [description, ...devices, ...software, ...compared, `${seconds.toFixed(1)} s`, ...advice];
  return `  ${name.padEnd(14)} ${verdict.padEnd(14)} ${facts.join("; ")}`;
}

async function doctor(options: { json?: boolean }): Promise<void> {
  const diagnosis = await diagnose();
  console.log(options.json ? JSON.stringify(diagnosis, null, 2) : describe(diagnosis));
  if (!diagnosis.healthy) Deno.exitCode = 1;
}

if (import.meta.main) {
  await new Command("deno task doctor")
    .description(
      "Start every engine, compare what they compute, check libtensorflow's files by their hashes, and say what to do " +
        "for what is missing. The exit code is 1 if files are altered or misplaced, or if an engine fails or differs.",
    )
    .option("--json", "the same for programs")
    .action(doctor)
    .parseAsync(Deno.args, { from: "user" });
}
