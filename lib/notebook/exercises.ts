// Exercises that check themselves against the golden vectors, which come from the authors' own code.

import type * as tf from "@tensorflow/tfjs";
import { join } from "node:path";
import { compare, type GoldenCase, parseCase, toTensor } from "../evaluation/golden_case.ts";
import { type Displayable, markdown } from "./display.ts";

/** A reader's attempt: the inputs in order, then the options. */
export type Attempt = (...args: never[]) => tf.Tensor;

const GOLDEN_FOLDER = join(import.meta.dirname!, "../../tests/golden");

/**
 * Checks a reader's function against all golden cases of a function.
 *
 * @param name Name of the golden function, e.g. `ntXent`.
 * @param attempt Takes the inputs in the order of the cases, then the options; returns the first output.
 * @returns What to say: how many cases agree, and the first that does not.
 * @throws {RangeError} If there are no such cases.
 *
 * @example
 * ```ts
 * import { check } from "braid/notebook/exercises.ts";
 * import { quickGelu } from "braid";
 *
 * await check("quickGelu", (x: never) => quickGelu(x)); // "**quickGelu**: 1 of 1 cases agree. Well done."
 * ```
 */
export async function check(name: string, attempt: Attempt): Promise<Displayable> {
  const cases = (await readCases()).filter(({ function: of }) => of === name);
  if (cases.length === 0) throw new RangeError(`Expected the name of a golden function, got "${name}"`);
  const failures: string[] = [];
  for (const golden of cases) {
    const failure = await tryCase(golden, attempt);
    if (failure) failures.push(`the case \`${golden.case}\`: ${failure}`);
  }
  const agree = `**${name}**: ${cases.length - failures.length} of ${cases.length} cases agree.`;
  return markdown(failures.length ? `${agree} The first that does not is ${failures[0]}.` : `${agree} Well done.`);
}

async function tryCase({ inputs, options, expect, tolerance }: GoldenCase, attempt: Attempt): Promise<string | null> {
  const tensors = Object.values(inputs).map(toTensor), [expected] = Object.values(expect);
  try {
    const output = attempt(...[...tensors, options] as never[]);
    return compare({ shape: output.shape, values: await output.data() }, expected, tolerance);
  } catch (error) {
    return `it throws ${error}`;
  } finally {
    for (const tensor of tensors) tensor.dispose();
  }
}

async function readCases(): Promise<GoldenCase[]> {
  const cases: GoldenCase[] = [];
  for await (const folder of Deno.readDir(GOLDEN_FOLDER)) {
    for await (const { name } of Deno.readDir(join(GOLDEN_FOLDER, folder.name))) {
      cases.push(parseCase(await Deno.readTextFile(join(GOLDEN_FOLDER, folder.name, name))));
    }
  }
  return cases.sort((a, b) => a.case.localeCompare(b.case));
}
