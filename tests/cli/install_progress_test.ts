import assert from "node:assert/strict";
import { showInstallProgress } from "braid/cli/install_progress.ts";

function shown(isTerminal: boolean): string {
  let text = "";
  const show = showInstallProgress({ isTerminal: () => isTerminal, write: (piece) => void (text += piece) });
  show({ stage: "waiting for another set-up", name: "", done: 0, total: 0 });
  for (const done of [0, 4_000_000, 4_100_000, 8_000_000]) {
    show({ stage: "downloading", name: "tensorflow", done, total: 8_000_000 });
  }
  show({ stage: "unpacking", name: "tensorflow", done: 1, total: 2_000_000 });
  show.end();
  return text;
}

Deno.test("progress in a terminal is one line, written over as often as the percentage changes, and cleared", () => {
  const lines = shown(true).split("\r\x1b[2K");
  assert.deepEqual(lines, [
    "",
    "waiting for another set-up",
    "downloading tensorflow, 0 % of 8 MB",
    "downloading tensorflow, 50 % of 8 MB",
    "downloading tensorflow, 51 % of 8 MB",
    "downloading tensorflow, 100 % of 8 MB",
    "unpacking tensorflow, 0 % of 2 MB",
    "",
  ]);
});

Deno.test("progress into a file is a line a stage", () => {
  assert.equal(
    shown(false),
    "waiting for another set-up\ndownloading tensorflow, 8 MB\nunpacking tensorflow, 2 MB\n",
  );
});
