// How an installation shows its progress: one line that is written over in a terminal, a line a stage elsewhere.

const CLEAR_LINE = "\r\x1b[2K";

/** What an installation is busy with. */
export interface InstallStep {
  /** What is being done, such as `downloading`. */
  stage: string;
  /** Package at hand, or empty. */
  name: string;
  /** Bytes done and to be done; both 0 where they are unknown. */
  done: number;
  total: number;
}

/** Where progress is written to. */
export interface ProgressOutput {
  isTerminal(): boolean;
  write(text: string): void;
}

const standardError: ProgressOutput = {
  isTerminal: () => Deno.stderr.isTerminal(),
  write: (text) => void Deno.stderr.writeSync(new TextEncoder().encode(text)),
};

/**
 * Makes what shows an installation's progress on standard error.
 *
 * @returns To be called with each report; `end` leaves the cursor on an empty line.
 *
 * @example
 * ```ts
 * import { showInstallProgress } from "braid/cli/install_progress.ts";
 * import assert from "node:assert/strict";
 *
 * let text = "";
 * const show = showInstallProgress({ isTerminal: () => false, write: (piece) => void (text += piece) });
 * for (const done of [0, 5e8, 1e9]) show({ stage: "downloading", name: "tensorflow", done, total: 1e9 });
 * assert.equal(text, "downloading tensorflow, 1000 MB\n");
 * ```
 */
export function showInstallProgress(
  output: ProgressOutput = standardError,
): ((step: InstallStep) => void) & { end(): void } {
  const terminal = output.isTerminal();
  let shown = "";
  const show = ({ stage, name, done, total }: InstallStep) => {
    const share = terminal ? `${Math.floor(100 * done / total)} % of ` : "";
    const line = `${stage} ${name}`.trim() + (total > 0 ? `, ${share}${(total / 1e6).toFixed(0)} MB` : "");
    if (line === shown) return;
    shown = line;
    output.write(terminal ? CLEAR_LINE + line : line + "\n");
  };
  return Object.assign(show, { end: () => void (terminal && shown && output.write(CLEAR_LINE)) });
}
