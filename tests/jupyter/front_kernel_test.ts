import assert from "node:assert/strict";
import { join } from "node:path";
import { isMessage } from "braid/jupyter/messages.ts";
import { type Answer, FrontClient } from "./front_client.ts";
import { isRunning } from "./processes.ts";

/** What was printed, whichever messages it came in. */
const printed = ({ published }: Answer) =>
  published.map(([type, { text }]) => (assert.equal(type, "stream"), text)).join("");
const lines = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name} ${i}\n`).join("");
const broadcast = (type: string, content: unknown) =>
  `await Deno.jupyter.broadcast(${JSON.stringify(type)}, ${JSON.stringify(content)});`;
const bundle = (data: Record<string, unknown>, display_id?: string) => ({
  data,
  metadata: {},
  transient: display_id === undefined ? {} : { display_id },
});

Deno.test("of a hundred cells that are sent at once, each gets its own outputs, in order and before it is idle", async () => {
  await using client = await FrontClient.start();
  const html = "<p>é🙂</p>".repeat(6000);
  const kinds: ((name: string) => { code: string; expected: unknown[] })[] = [
    (name) => ({
      code: `"${name}"`,
      expected: [["execute_result", { data: { "text/plain": `"${name}"` } }]],
    }),
    (name) => ({ code: `console.log("${name}");`, expected: [["stream", { name: "stdout", text: `${name}\n` }]] }),
    (name) => ({
      code: `console.error("${name} a"); console.log("${name} b"); console.error("${name} c");`,
      expected: [
        ["stream", { name: "stderr", text: `${name} a\n` }],
        ["stream", { name: "stdout", text: `${name} b\n` }],
        ["stream", { name: "stderr", text: `${name} c\n` }],
      ],
    }),
    (name) => ({
      code: `Deno.jupyter.html(["${name}" + ${JSON.stringify(html)}])`,
      expected: [["execute_result", { data: { "text/html": name + html } }]],
    }),
    (name) => ({
      code: broadcast("display_data", bundle({ "text/plain": "0 %" }, name)) + `console.log("${name}");` +
        broadcast("update_display_data", bundle({ "text/plain": "100 %" }, name)) + `"end"`,
      expected: [
        ["display_data", { data: { "text/plain": "0 %" }, transient: { display_id: name } }],
        ["stream", { text: `${name}\n` }],
        ["update_display_data", { data: { "text/plain": "100 %" }, transient: { display_id: name } }],
        ["execute_result", { data: { "text/plain": '"end"' } }],
      ],
    }),
  ];
  const cells = Array.from({ length: 100 }, (_, i) => kinds[i % kinds.length](`cell ${i}`));
  const ids: string[] = [];
  for (const { code } of cells) ids.push(await client.sendCell(code));
  for (const [i, id] of ids.entries()) {
    const { reply, published } = await client.answer(id);
    assert.partialDeepStrictEqual(reply, { status: "ok", execution_count: i + 1 });
    assert.partialDeepStrictEqual(published, cells[i].expected);
    assert.equal(published.length, cells[i].expected.length);
  }
});

Deno.test("twenty lines a cell stay in their cells", async () => {
  await using client = await FrontClient.start();
  const ids: string[] = [];
  for (let i = 0; i < 20; i++) {
    ids.push(await client.sendCell(`for (let i = 0; i < 20; i++) console.log("cell ${i}", i);`));
  }
  for (const [i, id] of ids.entries()) assert.equal(printed(await client.answer(id)), lines(`cell ${i}`, 20));
});

Deno.test("twenty thousand lines come complete, in few messages; so do fifteen megabytes of html", async () => {
  await using client = await FrontClient.start();
  const answer = await client.run(`for (let i = 0; i < 20_000; i++) console.log("line", i);`);
  assert.equal(printed(answer), lines("line", 20_000));
  assert.ok(answer.published.length < 2000, `got ${answer.published.length} messages`);
  const { published: [[type, { data }]] } = await client.run(`Deno.jupyter.html(["é".repeat(7_500_000)])`);
  assert.equal(type, "execute_result");
  assert.equal((data as Record<string, string>)["text/html"], "é".repeat(7_500_000));
});

Deno.test("bytes beside a message pass as they are", async () => {
  await using client = await FrontClient.start();
  const png = { "image/png": "iVBORw0KGgo=" };
  const { published, buffers } = await client.run(
    `await Deno.jupyter.broadcast("display_data", { data: ${
      JSON.stringify(png)
    }, metadata: { width: 3 }, transient: {} },
       { buffers: [Uint8Array.of(0, 255, 1)] });`,
  );
  assert.partialDeepStrictEqual(published, [["display_data", { data: png, metadata: { width: 3 } }]]);
  assert.deepEqual(buffers, [[Uint8Array.of(0, 255, 1)]]);
});

Deno.test("code that does not parse says where", async () => {
  await using client = await FrontClient.start();
  await client.run("1");
  const { reply, published } = await client.run("const a = 1;\nconst b = ;");
  const error = {
    ename: "SyntaxError",
    evalue: "Unexpected token (2:10)",
    traceback: [
      "SyntaxError: Unexpected token (2:10)",
      "    at cell 2, line 2, column 11",
      "    const b = ;",
      "              ^",
    ],
  };
  assert.partialDeepStrictEqual(reply, { status: "error", execution_count: 2, ...error });
  assert.deepEqual(published, [["error", error]]);
});

Deno.test("what is thrown can be read, whatever it is", async () => {
  await using client = await FrontClient.start({ env: { FORCE_COLOR: "1" } });
  await client.run(
    "interface Size {\n  width: number;\n}\nfunction check(size: Size) {\n  throw new RangeError('no');\n}",
  );
  const { published: [[, { traceback }]] } = await client.run("type A = 1;\n\ncheck({ width: 1 });");
  assert.deepEqual(traceback, ["RangeError: no", "    at check (cell 1, line 5)", "    at cell 2, line 3"]);
  const size = "{ width: 3, parts: [ { at: 1 } ] }";
  for (
    const [thrown, evalue] of [
      ['"\\x1b[31mjust\\x1b[39m text"', "just text"],
      ["null", "null"],
      ["5", "5"],
      [size, size],
      [`await Promise.reject(${size})`, size],
      ["Object.create(null)", "[Object: null prototype] {}"],
      ["new (class Size { width = 3; })()", "Size { width: 3 }"],
      ["new Map([[1, 2]])", "Map(1) { 1 => 2 }"],
      ["function size() {}", "[Function: size]"],
      ['(({}) instanceof Error, "not that object")', "not that object"],
    ]
  ) {
    const { published } = await client.run(`throw ${thrown};`);
    assert.deepEqual(published, [["error", { ename: "Error", evalue, traceback: [`Error: ${evalue}`] }]]);
  }
});

Deno.test("code that asks what is an error gets the answer it would get elsewhere, and nothing more", async () => {
  await using client = await FrontClient.start();
  const { published } = await client.run(
    "class OwnError extends Error {}\n" +
      "[[{}, Error], [new RangeError(), Error], [new RangeError(), TypeError], [new Error(), OwnError], [5, Error]]\n" +
      "  .map(([value, type]) => value instanceof type)",
  );
  assert.partialDeepStrictEqual(published, [["execute_result", {
    data: { "text/plain": "[ false, true, false, false, false ]" },
  }]]);
  assert.equal(published.length, 1);
});

Deno.test("a loop is interrupted where it is, and what was computed stays", async () => {
  await using client = await FrontClient.start();
  await client.run("let kept = 1;");
  const id = await client.sendCell(
    "console.log('go'); await new Promise((r) => setTimeout(r, 50)); while (true) kept++;",
  );
  const next = await client.sendCell("'not run'");
  await client.seen((message) => isMessage(message, "stream"));
  await new Promise((resolve) => setTimeout(resolve, 200));
  await client.interrupt();
  const { reply, published } = await client.answer(id);
  assert.partialDeepStrictEqual(reply, { status: "error", ename: "Interrupted" });
  assert.partialDeepStrictEqual(published, [["stream", { text: "go\n" }], ["error", { ename: "Interrupted" }]]);
  assert.equal((await client.answer(next)).reply.status, "aborted");
  assert.partialDeepStrictEqual((await client.run("kept > 1")).published, [[
    "execute_result",
    { data: { "text/plain": "true" } },
  ]]);
});

Deno.test("a cell that waits for good is interrupted by a new start, and says so", async () => {
  await using client = await FrontClient.start();
  await client.run("let kept = 1;");
  const id = await client.sendCell("console.log('go'); await new Promise(() => setInterval(() => {}, 1000));");
  await client.seen((message) => isMessage(message, "stream"));
  await new Promise((resolve) => setTimeout(resolve, 300)); // by then it waits
  if (Deno.build.os === "windows") await client.interrupt();
  else client.process.kill("SIGINT");
  const { reply, published } = await client.answer(id);
  assert.partialDeepStrictEqual(reply, { status: "error", execution_count: 2, ename: "Interrupted" });
  assert.partialDeepStrictEqual(published[0], ["stream", { text: "go\n" }]);
  assert.match(String(published[1][1].evalue), /cannot be stopped\. .* knows no variables any more/);
  const { reply: after, published: types } = await client.run("typeof kept");
  assert.equal(after.execution_count, 1);
  assert.partialDeepStrictEqual(types, [["execute_result", { data: { "text/plain": '"undefined"' } }]]);
});

Deno.test("interrupted training ends after the step at hand and leaves what it has learnt", async () => {
  await using client = await FrontClient.start({ cwd: join(import.meta.dirname!, "../..") });
  const id = await client.sendCell(`
    import * as tf from "@tensorflow/tfjs";
    import { train } from "braid/training/train.ts";
    import { watchTraining } from "braid/notebook/watch_training.ts";
    const weight = tf.variable(tf.scalar(0));
    const step = () => {
      const until = performance.now() + 100;
      while (performance.now() < until);
      weight.assign(weight.add(1));
      return { value: tf.scalar(1) };
    };
    const curve = await watchTraining("it", train({ batches: () => [1], step, steps: 10_000, batchSize: 2, reportEvery: 2 }));
  `);
  await client.seen((message) => isMessage(message, "display_data"));
  await client.interrupt();
  const { reply, published } = await client.answer(id);
  assert.equal(reply.status, "ok");
  const [, { data }] = published.at(-1)!;
  assert.match((data as Record<string, string>)["text/plain"], /^it: stopped at step \d+ of 10000$/);
  const { published: [[, { data: same }]] } = await client.run(
    "curve.steps.at(-1) === weight.dataSync()[0] && weight.dataSync()[0] > 0",
  );
  assert.deepEqual(same, { "text/plain": "true" });
});

Deno.test("after an error, cells that were sent along are not run, unless the error was expected", async () => {
  await using client = await FrontClient.start();
  const ids = [];
  for (const code of ["throw new Error('x');", "globalThis.ran = 2;", "globalThis.ran = 3;"]) {
    ids.push(await client.sendCell(code));
  }
  const answers = await Promise.all(ids.map((id) => client.answer(id)));
  assert.deepEqual(answers.map(({ reply }) => reply.status), ["error", "aborted", "aborted"]);
  const expected = await client.sendCell("throw new Error('y');", { stop_on_error: false });
  const next = await client.sendCell("globalThis.ran");
  assert.equal((await client.answer(expected)).reply.status, "error");
  const { reply, published } = await client.answer(next);
  assert.deepEqual([reply.status, published], ["ok", []]);
});

Deno.test("a cell that ends the kernel says so, and the next one finds another kernel", async () => {
  await using client = await FrontClient.start();
  const { published: [[type, { ename, evalue }]] } = await client.run("Deno.exit(3);");
  assert.deepEqual([type, ename], ["error", "KernelDied"]);
  assert.match(String(evalue), /exit code 3[^]*run the notebook from its start/);
  assert.partialDeepStrictEqual(await client.run("1 + 1"), { reply: { status: "ok", execution_count: 1 } });
});

Deno.test("a cell may ask for input, and completions come", async () => {
  await using client = await FrontClient.start();
  client.inputs.push("Ada");
  const { published } = await client.run(`prompt("Who?")`);
  assert.partialDeepStrictEqual(published, [["execute_result", { data: { "text/plain": '"Ada"' } }]]);
  const { reply } = await client.ask("complete_request", { code: "Math.flo", cursor_pos: 8 });
  assert.deepEqual([reply.status, reply.matches, reply.cursor_start], ["ok", ["floor"], 5]);
  const complete = await client.ask("is_complete_request", { code: "1 +" });
  assert.equal(typeof complete.reply.status, "string");
});

Deno.test("what timers print later belongs to the cell that ran last", async () => {
  await using client = await FrontClient.start();
  const id = await client.sendCell("const timer = setTimeout(() => console.log('late'), 300);");
  assert.deepEqual((await client.answer(id)).published, []);
  await client.seen((message) => isMessage(message, "stream"));
  assert.deepEqual(client.publishedUnder(id).published, [["stream", { name: "stdout", text: "late\n" }]]);
});

Deno.test("a message with a wrong signature does nothing, and is told on standard error", async () => {
  const client = await FrontClient.start();
  await client.send("execute_request", {
    ...{ code: "globalThis.entered = true;", silent: false, store_history: true, user_expressions: {} },
    ...{ allow_stdin: false, stop_on_error: true },
  }, { key: "guessed" });
  await client.send("shutdown_request", { restart: false }, { channel: "control", key: "guessed" });
  const { reply, published } = await client.run("globalThis.entered");
  assert.deepEqual([reply.execution_count, published], [1, []]);
  const errors = await client.shutdown();
  assert.equal(errors.match(/A message was dropped\. Expected the message to carry the signature/g)?.length, 2);
});

Deno.test("nothing is left of a kernel that was shut down, killed or orphaned, even out of a loop", async () => {
  for (const end of ["shutdown", "SIGTERM", "SIGKILL"] as const) {
    const client = await FrontClient.start();
    const { published: [[, { text }]] } = await client.run("console.log(Deno.pid);");
    await client.sendCell("while (true);");
    await new Promise((resolve) => setTimeout(resolve, 200));
    if (end === "shutdown") await client.shutdown();
    else {
      client.process.kill(end);
      await client.ended();
    }
    const inner = Number(text);
    const deadline = performance.now() + 5000;
    while (isRunning(inner) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(isRunning(inner), false, end);
  }
});
