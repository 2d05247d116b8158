// What continuous integration is told: both commands' tests in one last line, and no failure hidden.

import assert from "node:assert/strict";
import { join } from "node:path";
import { runCli } from "./run_cli.ts";

/** Runs .ci/run where `deno task test` and `deno task test:browser` do what these shell commands do. */
async function ci(test: string, browser: string): Promise<{ code: number; last: string }> {
  const folder = await Deno.makeTempDir();
  const npx = `#!/bin/sh\ncase "$4" in\ntest) ${test} ;;\ntest:browser) ${browser} ;;\nesac\n`;
  await Deno.writeTextFile(join(folder, "npx"), npx, { mode: 0o755 });
  const { code, stdout } = await new Deno.Command(".ci/run", {
    env: { PATH: `${folder}:${Deno.env.get("PATH")}`, BRAID_CHROMIUM: "/nowhere" },
    stdin: "null",
  }).output();
  await Deno.remove(folder, { recursive: true });
  return { code, last: new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1)! };
}

for (
  const { what, test, browser, code, last } of [
    {
      what: "the sum where all passed",
      test: 'echo "hello"; echo "5 passed, 0 failed"',
      browser: 'echo "2 passed, 0 failed"',
      ...{ code: 0, last: "7 passed, 0 failed" },
    },
    {
      what: "the sum where some failed in either",
      test: 'echo "5 passed, 1 failed"; exit 1',
      browser: 'echo "2 passed, 3 failed"; exit 1',
      ...{ code: 1, last: "7 passed, 4 failed" },
    },
    {
      what: "a failure where the first breaks off, and runs the second",
      test: 'echo "half way"; exit 1',
      browser: 'echo "2 passed, 0 failed"',
      ...{ code: 1, last: "2 passed, 1 failed" },
    },
    {
      what: "a failure where the second says nothing",
      test: 'echo "5 passed, 0 failed"',
      browser: "exit 0",
      ...{ code: 1, last: "5 passed, 1 failed" },
    },
    {
      what: "a failure where the exit code and the totals disagree",
      test: 'echo "5 passed, 0 failed"; exit 7',
      browser: 'echo "2 passed, 0 failed"',
      ...{ code: 1, last: "7 passed, 1 failed" },
    },
  ]
) {
  Deno.test(`.ci/run ends with ${what}`, async () => {
    assert.deepEqual(await ci(test, browser), { code, last });
  });
}

Deno.test("test:browser without a browser says how to get one, and has failed", async () => {
  const { code, stdout, stderr } = await runCli("test_browser.ts", [], { BRAID_CHROMIUM: "/nowhere/chromium" });
  assert.match(stderr, /^error: Expected BRAID_CHROMIUM to name a file, got "\/nowhere\/chromium": install Chromium/);
  assert.deepEqual([code, stdout], [1, "0 passed, 1 failed\n"]);
});
