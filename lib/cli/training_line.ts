// Training progress in a terminal: one line that is rewritten, or a line now and then when the output is a file.

import cliProgress from "cli-progress";
import type { TrainingReport } from "../training/train.ts";

/** Shows training reports. */
export interface TrainingLine {
  report(report: TrainingReport): void;
  end(): void;
}

/** Opens the line of one training, under a name. */
export function trainingLine(name: string): TrainingLine {
  const bar = new cliProgress.SingleBar({
    format: `${name} [{bar}] step {value}/{total}  loss {loss}  {speed} samples/s  {left} left`,
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 60_000,
  }, cliProgress.Presets.rect);
  let started = false;
  return {
    report({ step, steps, loss, samplesPerSecond, secondsLeft }) {
      const payload = {
        loss: loss.toFixed(3),
        speed: samplesPerSecond.toFixed(0),
        left: secondsLeft < 90 ? `${secondsLeft.toFixed(0)} s` : `${(secondsLeft / 60).toFixed(0)} min`,
      };
      if (!started) bar.start(steps, step, payload);
      else bar.update(step, payload);
      started = true;
    },
    end: () => bar.stop(),
  };
}
