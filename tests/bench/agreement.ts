// Do compiled steps train like eager ones? The same workload from the same weights, step by step in both ways.
//
//     deno run -A tests/bench/agreement.ts [NAME...] [--steps 50] [--mode graph xla]

import { compile, useEngine } from "braid";
import * as tf from "@tensorflow/tfjs";
import { Command, Option } from "commander";
import { positive } from "./options.ts";
import { stepOf, type WorkloadBuilder } from "./workload.ts";
import { workloads } from "./workloads.ts";

/** How far a compiled training is from the eager one. */
export interface Agreement {
  steps: number;
  /** Largest difference of a weight, relative to the largest weight of its parameter, and that parameter. */
  weights: number;
  parameter: string;
  /** Largest difference of a loss on the way, relative to the loss. */
  losses: number;
}

/** What training leaves: the weights by name, and the losses on the way. */
interface Trained {
  weights: Record<string, Float32Array>;
  losses: number[];
}

/** Trains a workload for some steps, eagerly or compiled. */
export async function trained(build: WorkloadBuilder, steps: number, mode?: "graph" | "xla"): Promise<Trained> {
  const workload = build(), plain = stepOf(workload), batch = Object.values(workload.inputs), losses: number[] = [];
  const compiled = mode && compile(plain, { mode });
  for (let i = 0; i < steps; i++) {
    const loss = (compiled ?? plain)(...batch);
    losses.push((await loss.data())[0]);
    loss.dispose();
  }
  const weights: Trained["weights"] = {};
  for (const [name, variable] of workload.model.parameters()) weights[name] = await variable.data<"float32">();
  compiled?.dispose();
  workload.optimizer.dispose();
  workload.model.dispose();
  tf.dispose(workload.inputs);
  return { weights, losses };
}

/** Compares two trainings. */
export function agreement(eager: Trained, compiled: Trained): Agreement {
  const [weights, parameter] = Object.entries(eager.weights)
    .map(([name, values]) => [relativeDifference(values, compiled.weights[name]), name] as const)
    .reduce((worst, next) => next[0] > worst[0] ? next : worst);
  const losses = Math.max(...eager.losses.map((loss, i) => Math.abs(compiled.losses[i] - loss) / Math.abs(loss)));
  return { steps: eager.losses.length, weights, parameter, losses };
}

function relativeDifference(a: Float32Array, b: Float32Array): number {
  let difference = 0, largest = 0;
  a.forEach((value, i) => {
    difference = Math.max(difference, Math.abs(value - b[i]));
    largest = Math.max(largest, Math.abs(value));
  });
  return difference / largest;
}

if (import.meta.main) {
  const program = new Command("agreement.ts")
    .description("Trains workloads eagerly and compiled, and prints how far apart the weights are at the end.")
    .argument("[NAME...]", `workloads (default: all of ${Object.keys(workloads).join(", ")})`)
    .option("--steps <NUMBER>", "optimisation steps", positive, 50)
    .addOption(new Option("--mode <MODE...>", "compiled modes").choices(["graph", "xla"]).default(["graph"]))
    .parse(Deno.args, { from: "user" });
  const { steps, mode } = program.opts<{ steps: number; mode: ("graph" | "xla")[] }>();
  const names = program.args.length ? program.args : Object.keys(workloads),
    unknown = names.find((name) => !workloads[name]);
  if (unknown !== undefined) {
    program.error(`error: Expected workloads of ${Object.keys(workloads).join(", ")}, got ${unknown}`);
  }
  await useEngine("libtensorflow");
  for (const name of names) {
    const eager = await trained(workloads[name].build, steps);
    for (const way of mode) {
      const compiled = await trained(workloads[name].build, steps, way);
      console.log(JSON.stringify({ workload: name, mode: way, ...agreement(eager, compiled) }));
    }
  }
}
