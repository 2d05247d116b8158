// The MultiModal loss as a model: unimodal decisions, and proxies that say what patterns of them mean.

import * as tf from "@tensorflow/tfjs";
import type { ClassificationLoss } from "../../losses/classification_loss.ts";
import { type MultiModalLogits, multiModalLogits, type MultiModalOptions } from "../../losses/multi_modal_logits.ts";
import { multiModalLoss } from "../../losses/multi_modal_loss.ts";
import { checkCount } from "../../losses/proxies.ts";
import { type Initialization, uniformParameter } from "../../nn/initialize.ts";
import type { UnimodalBranch } from "./branches.ts";
import { DecisionFusion } from "./decision_fusion.ts";
import { type ProxyAssignments, proxyAssignments } from "./proxy_assignments.ts";

/** Options of {@linkcode MultiModal}; `gamma` and `variant` are those of {@linkcode multiModalLogits}. */
export interface MultiModalModelOptions extends Initialization, Pick<MultiModalOptions, "gamma" | "variant"> {
  /** One encoder with its head a modality, in the order of the inputs. */
  branches: UnimodalBranch[];
  /** $K$, patterns of decisions for each class. Default 20. */
  proxiesPerClass?: number;
}

/**
 * A model that is trained by the MultiModal loss.
 *
 * Branches give $p_m = \mathrm{softmax}(f_m(x_m))$ and $e = [p_1; \dots; p_M]$. Proxies $W$, $K$ for each class, are learned
 * with the branches and needed to predict: they belong to the state dict. They start uniform in $\pm 1/\sqrt{CK}$, so
 * about half of their entries are clamped to 0 and moved by weight decay alone, until they are positive again.
 *
 * A branch need not be right to be of use: proxies can turn its votes round. Look at each modality's own accuracy.
 *
 * Source: Moon & Lee 2025 (Deep Metric Loss for Multimodal Learning), as in the released code.
 *
 * @example Two modalities, three classes.
 * ```ts
 * import { DeepLinearBranch, MultiModal, RandomStream, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const random = new RandomStream(0, "weights");
 * const branches = [5, 8].map((width) => new DeepLinearBranch([width, 4, 3], { random }));
 * const model = new MultiModal({ branches, random });
 * assert.deepEqual(model.proxies.shape, [2 * 3, 3 * 20]);
 * assert.deepEqual(model.fuse(model.decide([tf.zeros([7, 5]), tf.zeros([7, 8])])).shape, [7, 3]);
 * ```
 */
export class MultiModal extends DecisionFusion {
  /** $W$, `[modalities · classes, classes · proxiesPerClass]`. */
  readonly proxies: tf.Variable<tf.Rank.R2>;
  readonly #options: MultiModalOptions;

  /** @throws {RangeError} If there is no branch, branches tell different numbers of classes apart, or there is no proxy. */
  constructor({ branches, random, proxiesPerClass = 20, gamma, variant }: MultiModalModelOptions) {
    super(branches);
    checkCount(proxiesPerClass, "proxiesPerClass", 1);
    const { modalities, classes } = this, columns = classes * proxiesPerClass;
    this.proxies = uniformParameter<tf.Rank.R2>([modalities * classes, columns], columns, random);
    this.#options = { classes, modalities, proxiesPerClass, gamma, variant };
  }

  /** $z$ with all that it is made of: similarity, attention, what is attended, the votes of the classes' proxies. */
  compare(decisions: tf.Tensor2D): MultiModalLogits {
    return multiModalLogits(decisions, this.proxies, this.#options);
  }

  fuse(decisions: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => this.compare(decisions).logits);
  }

  /** The subgroup of each decision, and how much each subgroup listens to each modality. */
  assign(decisions: tf.Tensor2D): ProxyAssignments {
    return proxyAssignments(decisions, this.proxies, this.#options);
  }

  loss(x: tf.Tensor[], labels: tf.Tensor1D): ClassificationLoss {
    return tf.tidy(() => ({ ...multiModalLoss(this.decide(x), this.proxies, labels, this.#options) }));
  }
}
