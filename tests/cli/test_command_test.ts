import assert from "node:assert/strict";
import { join } from "node:path";
import { countTests } from "braid/cli/test.ts";
import { createNotebook, formatNotebook } from "braid/jupyter/notebook_file.ts";

/** Runs the command over the given files and returns its exit code and lines. */
async function testFiles(files: Record<string, string>): Promise<{ code: number; lines: string[] }> {
  const folder = await Deno.makeTempDir(), paths = Object.keys(files).map((name) => join(folder, name));
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(join(folder, name), text);
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "lib/cli/test.ts", ...paths],
    env: { BRAID_ENGINE: "cpu", NO_COLOR: "1" },
  }).output();
  await Deno.remove(folder, { recursive: true });
  return { code, lines: new TextDecoder().decode(stdout).trimEnd().split("\n") };
}

const GOOD = `/**
 * @example
 * \`\`\`ts
 * if (1 + 1 !== 2) throw new Error("no");
 * \`\`\`
 */
export const two = 2;

Deno.test("good", () => {});
`;

Deno.test("every check and every test counts, doc examples too", async () => {
  const notebook = formatNotebook(createNotebook(["const a = 1;\na;"]));
  const { code, lines } = await testFiles({ "good_test.ts": GOOD, "good.ipynb": notebook });
  assert.deepEqual(lines.map((line) => line.replace(/\(.* s\)/, "")), [
    "Engine … ok ",
    "Format … ok ",
    "Lint … ok ",
    "Types … ok ",
    "Notebooks … ok ",
    "Tests … ok ",
    "6 passed, 0 failed",
  ]);
  assert.equal(code, 0);
});

Deno.test("what fails is shown and counted, and the exit code tells", async () => {
  const { code, lines } = await testFiles({
    "good_test.ts": GOOD,
    "bad_test.ts": 'const  untidy: string = 1;\nDeno.test("bad", () => {\n  throw new Error("wanted");\n});\n',
    "broken_test.ts": 'throw new Error("at load");\n',
    "bad.ipynb": formatNotebook(createNotebook(["const a: string = 1;\na;"])),
  });
  const text = lines.join("\n");
  for (const step of ["Format", "Lint", "Types", "Notebooks", "Tests"]) {
    assert.ok(text.includes(`${step} … FAILED`));
  }
  assert.match(text, /untidy` is never used/);
  assert.match(text, /bad\.ipynb, cell 1, line 1: TS2322/);
  assert.equal(lines.at(-1), "2 passed, 6 failed");
  assert.equal(code, 1);
});

Deno.test("a run that breaks off before its summary is a failure", () => {
  assert.deepEqual(countTests("running 3 tests from a_test.ts\nfirst ... ok", false), { passed: 0, failed: 1 });
  assert.deepEqual(countTests("ok | 3 passed | 0 failed (1s)", false), { passed: 3, failed: 1 });
});

Deno.test("only the summary of the run itself counts, with or without colours", () => {
  const output = "ok | 9 passed | 9 failed (printed by a test)\n\x1b[32mok\x1b[0m | 3 passed | 0 failed \x1b[38m(1s)";
  assert.deepEqual(countTests(output, true), { passed: 3, failed: 0 });
});
