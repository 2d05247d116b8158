// Training as a cell shows it: one line that is rewritten, and the curve for a figure afterwards.

import type { TrainingReport } from "../training/train.ts";
import { type LiveLine, liveLine } from "./display.ts";

/** What training reported, ready for a figure. */
export interface TrainingCurve {
  steps: number[];
  loss: number[];
  /** By term, one value a report. */
  terms: Record<string, number[]>;
  seconds: number;
}

/**
 * Runs a training to its end and shows how it goes: step, loss, speed, time left and a small curve. Interrupting the cell ends
 * the training early: the weights stay as they are by then.
 *
 * @param name What is trained.
 * @param reports The training.
 * @param onReport Called with each report before the next step, e.g. to probe on the way.
 * @returns The curve.
 */
export async function watchTraining(
  name: string,
  reports: AsyncIterable<TrainingReport>,
  onReport?: (report: TrainingReport) => Promise<void> | void,
): Promise<TrainingCurve> {
  const curve: TrainingCurve = { steps: [], loss: [], terms: {}, seconds: 0 }, line = liveLine();
  let last: TrainingReport | undefined;
  for await (const report of reports) {
    curve.steps.push(report.step);
    curve.loss.push(report.loss);
    for (const [term, value] of Object.entries(report.terms)) (curve.terms[term] ??= []).push(value);
    curve.seconds = report.seconds;
    await showReport(line, name, report, curve);
    await onReport?.(report);
    last = report;
  }
  if (last && last.step < last.steps) await line.end(`${name}: stopped at step ${last.step} of ${last.steps}`);
  return curve;
}

async function showReport(
  line: LiveLine,
  name: string,
  report: TrainingReport,
  { loss }: TrainingCurve,
): Promise<void> {
  const { step, steps, samplesPerSecond, secondsLeft, seconds } = report;
  const speed = `${samplesPerSecond.toFixed(0)} samples/s`, curve = sparkline(loss);
  const numbers = `${name}: step ${step} of ${steps}, loss ${report.loss.toFixed(3)} ${curve}`;
  if (step < steps) await line.update(`${numbers}, ${speed}, ${secondsLeft.toFixed(0)} s left`);
  else await line.end(`${numbers}, ${speed}, ${seconds.toFixed(0)} s`);
}

/** A curve in one line of text, at most 24 signs. */
export function sparkline(values: readonly number[]): string {
  const every = Math.max(1, Math.ceil(values.length / 24)), shown = values.filter((_, i) => i % every === 0);
  const low = Math.min(...shown), high = Math.max(...shown);
  const level = (value: number) => high > low ? Math.round((value - low) / (high - low) * 7) : 0;
  return shown.map((value) => "▁▂▃▄▅▆▇█"[level(value)]).join("");
}
