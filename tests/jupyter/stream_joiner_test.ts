import assert from "node:assert/strict";
import { StreamJoiner } from "braid/jupyter/stream_joiner.ts";

Deno.test("text of one stream is joined, and another stream comes after it", () => {
  const sent: unknown[] = [];
  const joiner = new StreamJoiner(({ name, text }) => sent.push([name, text]));
  for (const text of ["a", "b"]) joiner.add({ name: "stdout", text });
  for (const text of ["c", "d"]) joiner.add({ name: "stderr", text });
  assert.deepEqual(sent, [["stdout", "ab"]]);
  joiner.flush();
  joiner.flush();
  assert.deepEqual(sent, [["stdout", "ab"], ["stderr", "cd"]]);
});

Deno.test("text is not held back for long", async () => {
  const sent = Promise.withResolvers<string>();
  const joiner = new StreamJoiner(({ text }) => sent.resolve(text));
  joiner.add({ name: "stdout", text: "soon" });
  assert.equal(await sent.promise, "soon");
});
