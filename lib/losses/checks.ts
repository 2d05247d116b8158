// What the losses ask of their arguments. Only shapes, types and plain numbers are looked at: a recorded step has no values yet.

import type * as tf from "@tensorflow/tfjs";

/** Two aligned sets of rows, `[batch, dim]` each, with at least one negative. */
export function checkPair(a: tf.Tensor, b: tf.Tensor): void {
  if (String(a.shape) !== String(b.shape)) {
    throw new RangeError(`Expected both views to have the same shape, got [${a.shape}] and [${b.shape}]`);
  }
  if (a.rank !== 2) throw new RangeError(`Expected views of shape [batch, dim], got [${a.shape}]`);
  checkBatch(a.shape[0]);
}

/** Embeddings of each modality, `[modalities, batch, dim]`, aligned with those of the complete samples, `[batch, dim]`. */
export function checkJointViews(
  unimodal: tf.Tensor,
  joint: tf.Tensor,
  { name = "unimodal", negatives = true }: { name?: string; negatives?: boolean } = {},
): void {
  if (unimodal.rank !== 3) {
    throw new RangeError(`Expected ${name} embeddings of shape [modalities, batch, dim], got [${unimodal.shape}]`);
  }
  if (String(unimodal.shape.slice(1)) !== String(joint.shape)) {
    throw new RangeError(
      `Expected joint embeddings of shape [${unimodal.shape.slice(1)}], as the ${name} ones, got [${joint.shape}]`,
    );
  }
  if (negatives) checkBatch(joint.shape[0]);
}

/** One number for each sample and modality. */
export function checkShares(shares: tf.Tensor, unimodal: tf.Tensor, name: string): void {
  const [modalities, batch] = unimodal.shape;
  if (String(shares.shape) !== String([batch, modalities])) {
    throw new RangeError(
      `Expected ${name} of shape [${batch},${modalities}], [batch, modalities], got [${shares.shape}]`,
    );
  }
}

/** A contrastive loss needs a negative. */
export function checkBatch(batch: number): void {
  if (batch < 2) throw new RangeError(`Expected at least 2 samples, got ${batch}: with one there is no negative`);
}

/** One class index per sample. That every index is in range is for whoever loads the labels to check. */
export function checkClassIndices(labels: tf.Tensor, batch: number, name = "labels"): void {
  if (labels.dtype !== "int32") {
    throw new TypeError(`Expected ${name} to be int32, got ${labels.dtype}: make them with tf.tensor1d(…, "int32")`);
  }
  if (labels.rank !== 1 || labels.shape[0] !== batch) {
    throw new RangeError(`Expected ${name} of shape [${batch}], one per sample, got [${labels.shape}]`);
  }
}

/** One number per sample. */
export function checkPerSample(x: tf.Tensor, batch: number, name: string): void {
  if (x.rank !== 1 || x.shape[0] !== batch) {
    throw new RangeError(`Expected ${name} of shape [${batch}], one per sample, got [${x.shape}]`);
  }
}

/** Embeddings of several modalities, with their draws where samples are mixed. */
export function checkModalities(embeddings: tf.Tensor, draws: Record<string, tf.Tensor> = {}): void {
  if (embeddings.rank !== 3 || embeddings.shape[0] < 2) {
    throw new RangeError(
      `Expected embeddings of at least two modalities, [modalities, batch, dim], got [${embeddings.shape}]`,
    );
  }
  const [modalities, batch] = embeddings.shape;
  for (const [name, { shape }] of Object.entries(draws)) {
    if (String(shape) !== String([modalities, batch])) {
      throw new RangeError(
        `Expected ${name} of shape [${modalities},${batch}], one per modality and sample, got [${shape}]`,
      );
    }
  }
}

/** A scalar that stays a tensor because it is drawn or learned. */
export function checkScalar(x: tf.Tensor, name: string): void {
  if (x.rank !== 0) throw new RangeError(`Expected ${name} to be a scalar, got shape [${x.shape}]`);
}

/** The temperature of a softmax. */
export function checkTemperature(temperature: number, name = "temperature"): void {
  if (!(temperature > 0)) throw new RangeError(`Expected ${name} to be positive, got ${temperature}`);
}

/** The weight of a term. */
export function checkWeight(weight: number, name: string): void {
  if (!(weight >= 0)) throw new RangeError(`Expected ${name} to be at least 0, got ${weight}`);
}
