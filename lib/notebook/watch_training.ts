// Training as a cell shows it: one line that is rewritten, and the curve for a figure afterwards.

import type { TrainingReport } from "../training/train.ts";
import { type LiveLine, liveLine } from "./display.ts";
import { escapeHtml } from "./output_html.ts";
import { sparkline } from "./sparkline.ts";

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
 * @param options `signal`: ends the training at its next report, as interrupting the cell does.
 * @returns The curve up to where the training ended.
 *
 * @example A training that is stopped keeps what it has learnt.
 * ```ts
 * import { train, watchTraining } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const stop = new AbortController(), step = () => ({ value: tf.scalar(1) });
 * const training = train({ batches: () => [0], step, steps: 1000, batchSize: 2 });
 * const onReport = ({ step }: { step: number }) => step === 20 ? stop.abort() : undefined;
 * const { steps } = await watchTraining("constant", training, onReport, { signal: stop.signal });
 * assert.deepEqual(steps, [10, 20]);
 * ```
 */
export async function watchTraining(
  name: string,
  reports: AsyncIterable<TrainingReport>,
  onReport?: (report: TrainingReport) => Promise<void> | void,
  { signal }: { signal?: AbortSignal } = {},
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
    if (signal?.aborted) break; // the iterator is closed, the weights stay
  }
  if (last && last.step < last.steps) {
    const text = `${name}: stopped at step ${last.step} of ${last.steps}`;
    await line.end(text, curveHtml(text, curve, last.steps));
  }
  return curve;
}

async function showReport(
  line: LiveLine,
  name: string,
  report: TrainingReport,
  curve: TrainingCurve,
): Promise<void> {
  const { step, steps, samplesPerSecond, secondsLeft, seconds } = report, isLast = step === steps;
  const speed = `${samplesPerSecond.toFixed(0)} samples/s`;
  const time = isLast ? `${seconds.toFixed(0)} s` : `${secondsLeft.toFixed(0)} s left`;
  const numbers = (curve: string) =>
    `${name}: step ${step} of ${steps}, loss ${report.loss.toFixed(3)}${curve}, ${speed}, ${time}`;
  const text = numbers(` ${sparkline(curve.loss)}`), html = curveHtml(numbers(""), curve, steps);
  await (isLast ? line.end(text, html) : line.update(text, html));
}

/** Size of the curve in pixels. */
const WIDTH = 360, HEIGHT = 72;

/** The line with the whole curve above it, in the ink of the page. */
function curveHtml(text: string, { steps, loss }: TrainingCurve, all: number): string {
  const every = Math.ceil(loss.length / WIDTH), [low, high] = [Math.min(...loss), Math.max(...loss)];
  const points = loss.flatMap((value, i) => {
    if (i % every > 0 && i < loss.length - 1) return [];
    const share = high > low ? (value - low) / (high - low) : 0.5;
    return `${(WIDTH * steps[i] / all).toFixed(1)},${(HEIGHT - 4 - (HEIGHT - 8) * share).toFixed(1)}`;
  });
  const line = (attributes: string) => `<polyline fill="none" stroke="currentColor" ${attributes}/>`;
  return `<div><svg width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="loss">` +
    line(`stroke-opacity="0.3" points="0,0 0,${HEIGHT} ${WIDTH},${HEIGHT}"`) +
    line(`stroke-width="1.5" points="${points.join(" ")}"`) + `</svg><br>${escapeHtml(text)}</div>`;
}
