// Slow arithmetic of the MultiModal loss, and examples that its tests share.

import { crossEntropy, dot, type Matrix, mean, unit } from "./reference.ts";
import type { MultiModalOptions } from "braid/losses/multi_modal_logits.ts";

type Variant = MultiModalOptions["variant"];

/** Unimodal decisions, proxies and labels of one setting. */
export interface Example {
  options: MultiModalOptions;
  probabilities: Matrix;
  proxies: Matrix;
  labels: number[];
}

const sum = (values: number[]) => values.reduce((total, x) => total + x, 0);
const blockOf = (row: number[], block: number, size: number) => row.slice(block * size, (block + 1) * size);

/** Irregular decisions of `batch` samples and proxies of both signs. */
export function example(
  options: Omit<MultiModalOptions, "gamma" | "variant"> & { gamma?: number },
  batch: number,
): Example {
  const { classes, modalities, proxiesPerClass } = options;
  const at = (i: number, j: number) => Math.sin(1.3 * (i + 1) * (j + 2) + 0.4 * i * j);
  const rows = (height: number, width: number, entry: (i: number, j: number) => number) =>
    Array.from({ length: height }, (_, i) => Array.from({ length: width }, (_, j) => entry(i, j)));
  const scores = rows(batch, modalities * classes, (i, j) => Math.exp(1.5 * at(i, j)));
  const probabilities = scores.map((row) => row.map((s, j) => s / sum(blockOf(row, Math.floor(j / classes), classes))));
  return {
    options,
    probabilities,
    proxies: rows(modalities * classes, classes * proxiesPerClass, (i, j) => at(j, i) + 0.1),
    labels: Array.from({ length: batch }, (_, i) => (2 * i + 1) % classes),
  };
}

export const examples: Example[] = [
  example({ classes: 2, modalities: 3, proxiesPerClass: 4 }, 5),
  example({ classes: 5, modalities: 2, proxiesPerClass: 3, gamma: 0.5 }, 4),
  example({ classes: 3, modalities: 1, proxiesPerClass: 1 }, 3), // one modality
  example({ classes: 2, modalities: 2, proxiesPerClass: 3, gamma: 0.05 }, 1), // one sample
];

/** Column j of the proxies without negative entries, of length 1 unless it is zero. */
export function unitProxy(proxies: Matrix, j: number): number[] {
  const column = proxies.map((row) => Math.max(0, row[j]));
  return column.some((x) => x > 0) ? unit(column) : column;
}

/** Everything about one decision, one proxy at a time. */
export function decisionByLoop(e: number[], proxies: Matrix, options: MultiModalOptions) {
  const { classes, modalities, proxiesPerClass: K, gamma = 0.1, variant = "full" } = options;
  const w = proxies[0].map((_, j) => unitProxy(proxies, j));
  const similarity = w.map((proxy) => dot(unit(e), proxy));
  const powers = similarity.map((s) => Math.exp(s / gamma)), all = sum(powers);
  const attention = powers.map((power) => power / all);
  const attended = e.map((_, i) => sum(w.map((proxy, j) => attention[j] * proxy[i])));

  const classSimilarity = Array.from({ length: classes }, (_, c) => {
    let v = 0;
    for (let k = 0; k < K; k++) {
      const rivals = variant === "softTripleAxis"
        ? Array.from({ length: K }, (_, other) => c * K + other)
        : Array.from({ length: classes }, (_, other) => other * K + k);
      v += powers[c * K + k] / sum(rivals.map((j) => powers[j])) * similarity[c * K + k];
    }
    return v;
  });
  const logits = classSimilarity.map((v, c) => {
    let z = variant === "noClassSimilarity" ? 0 : v;
    for (let m = 0; m < modalities; m++) {
      const i = m * classes + c;
      z += e[i] + (variant === "noAttention" ? 0 : e[i] * attended[i]);
    }
    return z;
  });
  return { logits, similarity, attention, attended, classSimilarity };
}

/** The loss of a batch. */
export function multiModalLossByLoop(
  probabilities: Matrix,
  proxies: Matrix,
  labels: number[],
  options: MultiModalOptions,
): number {
  return mean(probabilities.map((e, i) => crossEntropy(decisionByLoop(e, proxies, options).logits, labels[i])));
}

export const variants = ["full", "noAttention", "noClassSimilarity", "softTripleAxis"] as const satisfies Variant[];
