import * as tf from "@tensorflow/tfjs";
import type { ClassificationLoss } from "../../losses/classification_loss.ts";
import { Module } from "../../nn/module.ts";
import type { UnimodalBranch } from "./branches.ts";

/**
 * What the paper's method and its baselines have in common: each modality decides by itself, then the decisions are fused.
 *
 * A modality's own prediction is its part of the decision, $p_m$; it is trained by way of the fusion alone.
 */
export abstract class DecisionFusion extends Module {
  /** $f_m$, one a modality. */
  readonly branches: UnimodalBranch[];
  /** $C$. */
  readonly classes: number;

  /** @throws {RangeError} If there is no branch, or branches tell different numbers of classes apart. */
  constructor(branches: UnimodalBranch[]) {
    super();
    if (branches.length === 0) throw new RangeError("Expected at least 1 modality, got none");
    const counts = branches.map(({ classes }) => classes);
    if (new Set(counts).size > 1) throw new RangeError(`Expected branches of as many classes each, got [${counts}]`);
    this.branches = branches;
    this.classes = counts[0];
  }

  /** $M$. */
  get modalities(): number {
    return this.branches.length;
  }

  /**
   * $e = [p_1; \dots; p_M]$, the softmax of each branch: `[batch, modalities · classes]`.
   *
   * @param x One batch a modality.
   * @throws {RangeError} If there are more or fewer batches than modalities.
   */
  decide(x: tf.Tensor[]): tf.Tensor2D {
    if (x.length !== this.modalities) {
      throw new RangeError(`Expected one batch for each of ${this.modalities} modalities, got ${x.length}`);
    }
    return tf.tidy(() => tf.concat(this.branches.map((branch, m) => tf.softmax(branch.forward(x[m]))), 1));
  }

  /** $z$ of decisions, `[batch, modalities · classes]` to `[batch, classes]`: its softmax is the joint prediction. */
  abstract fuse(decisions: tf.Tensor2D): tf.Tensor2D;

  /**
   * The loss of a batch.
   *
   * @param x One batch a modality.
   * @param labels Int32 `[batch]`, each in 0 … classes - 1.
   */
  abstract loss(x: tf.Tensor[], labels: tf.Tensor1D): ClassificationLoss;
}
