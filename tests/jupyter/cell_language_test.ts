import assert from "node:assert/strict";
import { join } from "node:path";
import { TYPE_CHECK_VARIABLE } from "braid/jupyter/cell_language.ts";
import { isMessage } from "braid/jupyter/messages.ts";
import { type Answer, FrontClient } from "./front_client.ts";
import { isRunning, languageServersOf } from "./processes.ts";

const withWarnings = { env: { [TYPE_CHECK_VARIABLE]: "on" } };

/** A place in code as Jupyter counts it: `|` marks the cursor. */
function at(marked: string) {
  const [before, after] = marked.split("|");
  return { code: before + after, cursor_pos: Array.from(before).length };
}

/** Asks until there is something to tell, as somebody does who presses the key again while the compiler starts. */
async function until(ask: () => Promise<Answer>, told: (reply: Answer["reply"]) => boolean): Promise<Answer["reply"]> {
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    const { reply } = await ask();
    if (told(reply)) return reply;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("Expected an answer within 60 s, got none");
}

async function inspect(client: FrontClient, marked: string): Promise<Record<string, string>> {
  const ask = () => client.ask("inspect_request", { ...at(marked), detail_level: 0 });
  return (await until(ask, ({ found }) => found === true)).data as Record<string, string>;
}

const complete = (client: FrontClient, marked: string) =>
  until(() => client.ask("complete_request", at(marked)), ({ matches }) => (matches as string[]).length > 0);

Deno.test("type errors are told under their cell when it is done, and change nothing else", async () => {
  await using client = await FrontClient.start(withWarnings);
  const text = (name: "stdout" | "stderr", text: string) => ["stream", { name, text }];
  const cells: { code: string; tags?: string[]; outputs: unknown[]; warning?: string }[] = [
    {
      code: 'console.log("a");\nconst count: number = "x", e = "🙂"; const name: boolean = count;\nconsole.log("b");',
      outputs: [text("stdout", "a\nb\n")],
      warning: "Warning: line 2, column 7: Type 'string' is not assignable to type 'number'.\n" +
        "Warning: line 2, column 44: Type 'number' is not assignable to type 'boolean'.\n",
    },
    { code: "const count = 1;\nconsole.log(count.toFixed());", outputs: [text("stdout", "1\n")] },
    {
      code:
        'console.error("c");\nimport { join } from "node:path";\nimport {\n  sign,\n  nowhere,\n} from "braid/jupyter/messages.ts";',
      outputs: [text("stderr", "c\n")],
      warning: `Warning: line 5, column 3: Module '"braid/jupyter/messages.ts"' has no exported member 'nowhere'.\n`,
    },
    { code: "import { join } from 'node:path'\nimport { dirname as sign } from 'node:path';", outputs: [] },
    { code: 'let size: "small" | "large" = "small";', tags: ["parameters"], outputs: [] },
    { code: 'size === "large"', outputs: [["execute_result", { data: { "text/plain": "false" } }]] },
    { code: "const wanted: number = 'x';", tags: ["raises-exception"], outputs: [] },
    { code: "const broken = ;", outputs: [["error", { ename: "SyntaxError" }]] },
    {
      code: "let given: { width: number };\ngiven = { width: 1, heigth: 2 };\njoin(gone);",
      outputs: [["error", { ename: "ReferenceError" }]],
      warning: "Warning: line 2, column 21: Object literal may only specify known properties, and 'heigth' does not " +
        "exist in type '{ width: number; }'.\n" +
        "Warning: line 3, column 6: Cannot find name 'gone'.\n",
    },
  ];
  const ids: string[] = [];
  for (const { code, tags } of cells) ids.push(await client.sendCell(code, { stop_on_error: false }, { tags }));
  for (const [i, id] of ids.entries()) {
    const { published } = await client.answer(id);
    assert.partialDeepStrictEqual(published, cells[i].outputs);
    assert.equal(published.length, cells[i].outputs.length, "nothing comes before the cell is idle");
  }
  const warned = (id: string) =>
    client.seen((message) =>
      message.parent.msg_id === id && isMessage(message, "stream") && message.content.text.startsWith("Warning")
    );
  await warned(ids.at(-1)!); // they come in the order of the cells
  for (const [i, id] of ids.entries()) {
    const { outputs, warning } = cells[i];
    const wanted = warning === undefined ? outputs : [...outputs, text("stderr", warning)];
    assert.partialDeepStrictEqual(client.publishedUnder(id).published, wanted);
    assert.equal(client.publishedUnder(id).published.length, wanted.length);
  }

  await client.run("Deno.exit();"); // another kernel takes over, which knows nothing
  const lost = await client.sendCell("size");
  await warned(lost);
  assert.partialDeepStrictEqual(client.publishedUnder(lost).published, [
    ["error", { ename: "ReferenceError" }],
    text("stderr", "Warning: line 1, column 1: Cannot find name 'size'.\n"),
  ]);
});

Deno.test("what stands at the cursor is explained, and calls and broken code can be completed", async () => {
  await using client = await FrontClient.start({ cwd: join(import.meta.dirname!, "clients") }); // far below deno.json
  await client.run(
    "/** Doubles it. */\nfunction twice(x: number) { return { half: x, whole: 2 * x }; }\nconst four = twice(2);",
  );
  const four = await inspect(client, 'const e = "🙂🙂"; fo|ur.half');
  assert.match(four["text/plain"], /^const four: \{\s+half: number;\s+whole: number;\s+\}$/);
  for (const marked of ["twi|ce", "twice(|)", "twice|(", "if (true) {\n  twice(5, |", 'console.log("🙂", twice(|)']) {
    const { "text/markdown": markdown, "text/plain": plain } = await inspect(client, marked);
    assert.match(markdown, /^```tsx\n.*twice\(x: number\): \{[^]*```\nDoubles it\.$/);
    assert.match(plain, /^.*twice\(x: number\): \{[^]*\}\nDoubles it\.$/);
  }
  const infoNCE = await inspect(client, 'import { infoNCE } from "braid/losses/info_nce.ts";\ninfoNCE(a, |');
  assert.match(
    infoNCE["text/markdown"],
    /infoNCE\(a: Tensor2D, b: Tensor2D, .*\): Scalar[^]*negatives come from the other set/,
  );
  for (
    const [marked, matches, start] of [
      ["twice(1).|", ["half", "whole"], 9],
      ['"🙂"; twice(1).wh|; 5', ["whole"], 14],
      ["const y = [twice(1).ha|", ["half"], 20],
      ["interface Own { width: number }\nconst own: Own = { width: 1 };\nown.wi|", ["width"], 67],
    ] as const
  ) {
    const { cursor_pos } = at(marked);
    const reply = await complete(client, marked);
    assert.partialDeepStrictEqual(reply, { status: "ok", matches, cursor_start: start, cursor_end: cursor_pos });
    assert.equal((reply.matches as string[]).length, matches.length);
  }
  const imported = await complete(client, 'import { infoN| } from "braid/losses/info_nce.ts";');
  assert.deepEqual(imported.matches, ["infoNCE"]);
  const nothing = await client.ask("inspect_request", { ...at("4|2"), detail_level: 0 });
  assert.partialDeepStrictEqual(nothing.reply, { status: "ok", found: false });
});

Deno.test("without warnings, the compiler is not started before somebody asks; if it hangs or dies, nobody waits", async () => {
  await using client = await FrontClient.start();
  const wrong = await client.run("let known = 1; const count: number = 'x'; void (globalThis.made = { anew: 1 });");
  await client.run("1");
  assert.deepEqual([wrong.published, await languageServersOf(client.process.pid)], [[], []]);
  assert.deepEqual((await complete(client, "made.an|")).matches, ["anew"]); // of this, only the kernel knows
  await inspect(client, "know|n");
  const [hanging] = await languageServersOf(client.process.pid);
  Deno.kill(hanging, "SIGSTOP");
  assert.deepEqual((await complete(client, "made.an|")).matches, ["anew"]);
  const { reply } = await client.ask("inspect_request", { ...at("know|n"), detail_level: 0 });
  assert.partialDeepStrictEqual(reply, { status: "ok", found: false });
  Deno.kill(hanging, "SIGKILL");
  assert.equal((await inspect(client, "know|n"))["text/plain"], "let known: number");
  assert.ok(!client.published.some((message) => isMessage(message, "stream")), "no warning");
});

Deno.test("the compiler ends with the kernel, even if that is killed", async () => {
  for (const end of ["shutdown", "SIGKILL"] as const) {
    const client = await FrontClient.start(withWarnings);
    await client.run("1");
    let servers: number[] = [];
    while (servers.length === 0) servers = await languageServersOf(client.process.pid);
    if (end === "shutdown") await client.shutdown();
    else {
      client.process.kill(end);
      await client.ended();
    }
    const deadline = performance.now() + 10_000;
    while (isRunning(servers[0]) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(isRunning(servers[0]), false, end);
  }
});

Deno.test("a kernel refuses a setting of warnings that it does not know", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", 'import { checksTypes } from "braid/jupyter/cell_language.ts"; checksTypes();'],
    env: { [TYPE_CHECK_VARIABLE]: "maybe" },
  });
  const { success, stderr } = await child.output();
  assert.equal(success, false);
  assert.match(new TextDecoder().decode(stderr), /Expected BRAID_TYPE_CHECK to be on or off, got "maybe"/);
});
