/**
 * What the code of a cell can know of the kernel that runs it, and for whom.
 *
 * @module
 */

/** The method by which a Deno kernel asks a value for its MIME types. */
export const jupyterDisplay: unique symbol = Symbol.for("Jupyter.display") as never;

/** The kernel around this code, or null in a script. */
export function runningKernel(): typeof Deno.jupyter | null {
  try {
    return Deno.jupyter;
  } catch {
    return null; // outside of a kernel, the property throws
  }
}

/** The environment variable by which the executor asks for outputs that a notebook can be committed with. */
export const RENDER_VARIABLE = "BRAID_RENDER";

/**
 * Whether outputs are to be committed: pictures and text instead of HTML, small, the same in every run. Otherwise somebody
 * looks at them in a front end, where they may move.
 *
 * @throws {RangeError} If `BRAID_RENDER` is neither `live`, the default, nor `commit`.
 *
 * @example
 * ```ts
 * import { rendersForCommit } from "braid/plots/live/cell_context.ts";
 * import assert from "node:assert/strict";
 *
 * Deno.env.set("BRAID_RENDER", "commit");
 * assert.equal(rendersForCommit(), true);
 * Deno.env.delete("BRAID_RENDER");
 * assert.equal(rendersForCommit(), false);
 * ```
 */
export function rendersForCommit(): boolean {
  const mode = Deno.env.get(RENDER_VARIABLE) ?? "live";
  if (mode !== "live" && mode !== "commit") {
    throw new RangeError(`Expected ${RENDER_VARIABLE} to be live or commit, got "${mode}": unset it for live outputs`);
  }
  return mode === "commit";
}
