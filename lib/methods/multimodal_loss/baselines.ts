// The paper's baselines: the same branches, fused by a sum or by a linear layer.

import * as tf from "@tensorflow/tfjs";
import type { ClassificationLoss } from "../../losses/classification_loss.ts";
import { sumOverModalities } from "../../losses/multi_modal_logits.ts";
import type { Initialization } from "../../nn/initialize.ts";
import { Linear } from "../../nn/linear.ts";
import type { UnimodalBranch } from "./branches.ts";
import { DecisionFusion } from "./decision_fusion.ts";
import { linearFusionLoss } from "./linear_fusion_loss.ts";
import { sumFusionLoss } from "./sum_fusion_loss.ts";

/** SUM: see {@linkcode sumFusionLoss}. */
export class SumFusion extends DecisionFusion {
  fuse(decisions: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => sumOverModalities(decisions, this));
  }

  loss(x: tf.Tensor[], labels: tf.Tensor1D): ClassificationLoss {
    return tf.tidy(() => ({ ...sumFusionLoss(this.decide(x), labels, this) }));
  }
}

/** NN: see {@linkcode linearFusionLoss}. */
export class LinearFusion extends DecisionFusion {
  /** $V$ and $b$. */
  readonly fusion: Linear;

  constructor(branches: UnimodalBranch[], { random }: Initialization) {
    super(branches);
    this.fusion = new Linear(this.modalities * this.classes, this.classes, { random });
  }

  fuse(decisions: tf.Tensor2D): tf.Tensor2D {
    return this.fusion.forward(decisions);
  }

  loss(x: tf.Tensor[], labels: tf.Tensor1D): ClassificationLoss {
    const { weight, bias } = this.fusion;
    return tf.tidy(() => ({ ...linearFusionLoss(this.decide(x), weight, bias!, labels) }));
  }
}
