// Training progress in a terminal: one line that is rewritten, or a line now and then when the output is a file.

import cliProgress from "cli-progress";
import type { TrainingProgress } from "../training/train.ts";

/** Shows how far a training is. */
export interface TrainingLine {
  report(progress: TrainingProgress): void;
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
        left: inWords(secondsLeft),
      };
      if (!started) bar.start(steps, step, payload);
      else bar.update(step, payload);
      started = true;
    },
    end: () => bar.stop(),
  };
}

function inWords(seconds: number): string {
  if (seconds < 90) return `${seconds.toFixed(0)} s`;
  return seconds < 5400
    ? `${(seconds / 60).toFixed(0)} min`
    : `${(seconds / 3600).toFixed(seconds < 36_000 ? 1 : 0)} h`;
}
