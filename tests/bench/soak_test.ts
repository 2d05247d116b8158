// A short soak; the whole one takes 20,000 compiled and 2,000 eager steps.

import assert from "node:assert/strict";
import { testNative } from "../engine/engines.ts";
import type { Soak } from "./soak.ts";

/** A soak in a process of its own, whose memory nothing else moves. */
async function soaked(...args: string[]): Promise<{ code: number; text: string; error: string }> {
  const script = new URL("soak.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: ["run", "-A", script, ...args] })
    .output();
  const [text, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, text, error };
}

testNative("1,500 compiled and 150 eager training steps leave tensors and memory as they were", async () => {
  const { text, error } = await soaked("--compiled", "1500", "--eager", "150");
  assert.ok(text, error);
  const { compiled, eager } = JSON.parse(text) as { compiled: Soak; eager: Soak };
  assert.deepEqual([compiled.steps, eager.steps], [1500, 150]);
  for (const { tensors: [start, end], megabytes, growth } of [compiled, eager]) {
    assert.deepEqual(end, start);
    assert.ok(growth < 0.02, `grew from ${megabytes[0]} to ${megabytes[1]} MB`);
  }
});

testNative("a soak of no steps is refused", async () => {
  const { code, error } = await soaked("--compiled", "0");
  assert.notEqual(code, 0);
  assert.match(error, /Expected a whole number above 0, got "0"/);
});
