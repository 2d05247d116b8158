import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { requestStop, STOPPABLE_FOLDER, stoppableLoop } from "braid/training/stop_request.ts";
import { train } from "braid/training/train.ts";

await useEngine("cpu");

/** Runs something in a process that a notebook's kernel could be. */
async function inKernel(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  Deno.env.set(STOPPABLE_FOLDER, folder);
  await run(folder).finally(async () => {
    Deno.env.delete(STOPPABLE_FOLDER);
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("a request reaches every loop that runs, once, and none that runs later", () =>
  inKernel(async (folder) => {
    {
      using first = stoppableLoop(), second = stoppableLoop();
      assert.equal(await requestStop(folder), 2);
      assert.deepEqual([first.came, second.came], [true, true]);
      assert.equal(await requestStop(folder), 0);
    }
    using later = stoppableLoop();
    assert.equal(later.came, false);
  }));

Deno.test("without a kernel no request comes", () => {
  using loop = stoppableLoop();
  assert.equal(loop.came, false);
});

Deno.test("training ends after the step at hand, with a last report, and leaves nothing to stop", () =>
  inKernel(async (folder) => {
    let taken = 0;
    const step = () => {
      if (++taken === 3) { for (const { name } of Deno.readDirSync(folder)) Deno.removeSync(`${folder}/${name}`); }
      return { value: tf.scalar(taken) };
    };
    const reports = await Array.fromAsync(train({ batches: () => [1], step, steps: 100, batchSize: 2 }));
    assert.deepEqual(reports.map(({ step, loss }) => [step, loss]), [[3, 2]]);
    for await (const _ of train({ batches: () => [1], step, steps: 30, batchSize: 2 })) break; // left early
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  }));
