import assert from "node:assert/strict";
import { findLibrary } from "braid/engine/libtensorflow/library.ts";
import { runCli } from "../../cli/run_cli.ts";

const library = findLibrary();

Deno.test({
  name: "a program that loaded libtensorflow ends without a crash",
  ignore: !("directory" in library),
  fn: async () => {
    const main = `${"directory" in library && library.directory}/libtensorflow_cc.so.2`;
    const program = `import { keepLoaded } from "braid/engine/libtensorflow/keep_loaded.ts";
      keepLoaded(${JSON.stringify(main)}); Deno.dlopen(${JSON.stringify(main)}, {}); console.log("loaded")`;
    const { code, stdout, stderr } = await runCli(null, ["eval", program], {});
    assert.equal(stdout, "loaded\n", stderr);
    assert.equal(code, 0);
  },
});
