// Proxies of the MultiModal loss: how they lie in their matrix, and what they are before anything is compared with them.

import * as tf from "@tensorflow/tfjs";
import { unitRows } from "./rows.ts";

/** What a matrix of proxies stands for. */
export interface ProxyLayout {
  /** $C \ge 2$. */
  classes: number;
  /** $M \ge 1$. */
  modalities: number;
  /** $K \ge 1$, how many patterns of unimodal decisions a class has. The paper's value is 20. */
  proxiesPerClass: number;
}

/** Refuses a layout that is none, and decisions or proxies that do not have it. */
export function checkProxies(
  probabilities: tf.Tensor,
  proxies: tf.Tensor,
  { classes, modalities, proxiesPerClass }: ProxyLayout,
): void {
  checkDecisions(probabilities, { classes, modalities });
  checkCount(proxiesPerClass, "proxiesPerClass", 1);
  const entries = modalities * classes, columns = classes * proxiesPerClass;
  if (String(proxies.shape) !== String([entries, columns])) {
    throw new RangeError(
      `Expected proxies of shape [${entries},${columns}], [modalities · classes, classes · proxiesPerClass], ` +
        `got [${proxies.shape}]`,
    );
  }
}

/** Refuses probabilities that are not one row of unimodal decisions a sample. */
export function checkDecisions(
  probabilities: tf.Tensor,
  { classes, modalities }: Pick<ProxyLayout, "classes" | "modalities">,
): void {
  checkCount(classes, "classes", 2);
  checkCount(modalities, "modalities", 1);
  if (probabilities.rank !== 2 || probabilities.shape[1] !== modalities * classes) {
    throw new RangeError(
      `Expected probabilities of shape [batch,${
        modalities * classes
      }], ${classes} classes of modality after modality, ` +
        `got [${probabilities.shape}]`,
    );
  }
}

/** Refuses what is not an integer of at least `least`. */
export function checkCount(count: number, name: string, least: number): void {
  if (!(Number.isInteger(count) && count >= least)) {
    throw new RangeError(`Expected ${name} to be an integer of at least ${least}, got ${count}`);
  }
}

/** $w_j$, one a row: proxies without their negative entries, of length 1; `[classes · proxiesPerClass, entries]`. */
export function proxyRows(proxies: tf.Tensor2D): tf.Tensor2D {
  return unitRows(tf.transpose(tf.relu(proxies)));
}

/** $s_j$, the cosine of each decision and each proxy, in [0, 1]: `[batch, classes · proxiesPerClass]`. */
export function proxySimilarity(probabilities: tf.Tensor2D, rows: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(unitRows(probabilities), rows, false, true);
}
