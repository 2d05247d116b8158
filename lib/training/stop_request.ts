// How an interrupted cell lets a training loop come to an orderly end.

import { join } from "node:path";

/** Environment variable that names the folder of a kernel's loops that can be stopped. */
export const STOPPABLE_FOLDER = "BRAID_STOPPABLE_FOLDER";

/** A loop that ends when it is asked to. */
export interface StopRequest extends Disposable {
  /** Whether the loop should end now. */
  readonly came: boolean;
}

/**
 * Says that a loop is running which can be stopped between two steps; to be disposed of when it has ended.
 *
 * A notebook's kernel cannot be reached while a loop computes, and what V8 interrupts is torn out of the middle of a step. So the
 * loop puts a file into a folder that the kernel's starter knows, and the starter removes the file to stop the loop. Outside of
 * a kernel, no request comes.
 *
 * @example
 * ```ts
 * import { STOPPABLE_FOLDER, stoppableLoop } from "braid/training/stop_request.ts";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * Deno.env.set(STOPPABLE_FOLDER, folder);
 * {
 *   using stop = stoppableLoop();
 *   assert.equal(stop.came, false);
 *   for (const { name } of Deno.readDirSync(folder)) Deno.removeSync(`${folder}/${name}`);
 *   assert.equal(stop.came, true);
 * }
 * Deno.env.delete(STOPPABLE_FOLDER);
 * await Deno.remove(folder);
 * ```
 */
export function stoppableLoop(): StopRequest {
  const folder = Deno.env.get(STOPPABLE_FOLDER);
  if (!folder) return { came: false, [Symbol.dispose]: () => {} };
  const file = join(folder, crypto.randomUUID());
  Deno.writeTextFileSync(file, "");
  return {
    get came() {
      return !exists(file);
    },
    [Symbol.dispose]: () => void remove(file),
  };
}

/**
 * Asks the loops of a kernel to end.
 *
 * @param folder The kernel's folder.
 * @returns How many loops there were.
 */
export async function requestStop(folder: string): Promise<number> {
  const files = await Array.fromAsync(Deno.readDir(folder), ({ name }) => join(folder, name));
  return files.filter(remove).length;
}

function exists(file: string): boolean {
  try {
    Deno.statSync(file);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Removes a file; returns whether it was there. */
function remove(file: string): boolean {
  try {
    Deno.removeSync(file);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
