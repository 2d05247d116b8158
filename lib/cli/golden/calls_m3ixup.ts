import type * as tf from "@tensorflow/tfjs";
import { crossInstanceMixture } from "../../losses/cross_instance_mixture.ts";
import { geodesicMixup } from "../../losses/geodesic_mixup.ts";
import { gmcLoss, type GmcLossOptions } from "../../losses/gmc_loss.ts";
import { gmcSupervisedLoss } from "../../losses/gmc_supervised_loss.ts";
import { type M3ixupInputs, m3ixupLoss, type M3ixupLossOptions } from "../../losses/m3ixup_loss.ts";
import { m3ixupUnimodalLoss } from "../../losses/m3ixup_unimodal_loss.ts";
import { mixObjective, type MixObjectiveOptions } from "../../losses/mix_objective.ts";
import { mixtureContrastiveLoss, type MixtureContrastiveLossOptions } from "../../losses/mixture_contrastive_loss.ts";
import { mixupTargets } from "../../losses/mixup_targets.ts";
import {
  adaptMixture,
  type AdaptMixtureOptions,
  exploreMixture,
  type ExploreMixtureOptions,
} from "../../losses/multimodal_mixup.ts";
import { perturbMixture } from "../../losses/perturb_mixture.ts";
import { softTargetContrastive, type SoftTargetContrastiveOptions } from "../../losses/soft_target_contrastive.ts";
import { gmcFuse } from "../../methods/m3ixup/gmc_fuse.ts";
import { type Call, call } from "./call.ts";

type Embeddings = Pick<M3ixupInputs, "unimodal" | "joint">;
type Drawn = Pick<M3ixupInputs, "permutation" | "lambda">;

/** Calls of the golden folder `m3ixup`. */
export const m3ixupCalls: Record<string, Call> = {
  adaptMixture: call((
    { unimodal, joint, initialWeights }: Embeddings & { initialWeights: tf.Tensor2D },
    options: AdaptMixtureOptions,
  ) => ({ ...adaptMixture(unimodal, joint, initialWeights, options) })),

  crossInstanceMixture: call((
    { unimodal, weights, permutation, swap }: Embeddings & Drawn & { weights: tf.Tensor2D; swap: tf.Tensor2D },
  ) => ({ ...crossInstanceMixture(unimodal, weights, permutation, swap) })),

  exploreMixture: call((
    { unimodal, joint, mixLogits }: Embeddings & { mixLogits: tf.Tensor2D },
    options: ExploreMixtureOptions,
  ) => ({ ...exploreMixture(unimodal, joint, mixLogits, options) })),

  geodesicMixup: call(({ a, b, lambda }: { a: tf.Tensor2D; b: tf.Tensor2D; lambda: tf.Scalar }) => ({
    mixed: geodesicMixup(a, b, lambda),
  })),

  gmcFuse: call(({ unimodal, joint, available }: Embeddings & { available: tf.Tensor1D }) => ({
    output: gmcFuse(unimodal, joint, available),
  })),

  gmcLoss: call(({ unimodal, joint }: Embeddings, options: GmcLossOptions) => ({
    ...gmcLoss(unimodal, joint, options),
  })),

  gmcSupervisedLoss: call((
    { unimodal, joint, prediction, target }: Embeddings & { prediction: tf.Tensor2D; target: tf.Tensor2D },
    options: GmcLossOptions,
  ) => ({ ...gmcSupervisedLoss(unimodal, joint, prediction, target, options) })),

  m3ixupLoss: call((inputs: M3ixupInputs, options: M3ixupLossOptions) => ({ ...m3ixupLoss(inputs, options) })),

  m3ixupUnimodalLoss: call((
    { mixed, joint, permutation, lambda }: Drawn & { mixed: tf.Tensor3D; joint: tf.Tensor2D },
    options: { temperature: number },
  ) => ({ value: m3ixupUnimodalLoss(mixed, joint, permutation, lambda, options) })),

  mixObjective: call((
    { unimodal, joint, mixLogits }: Embeddings & { mixLogits: tf.Tensor2D },
    options: MixObjectiveOptions,
  ) => ({ ...mixObjective(unimodal, joint, mixLogits, options) })),

  mixtureContrastiveLoss: call((
    { unimodal, joint, weights }: Embeddings & { weights: tf.Tensor2D },
    options: MixtureContrastiveLossOptions,
  ) => ({ value: mixtureContrastiveLoss(unimodal, joint, weights, options) })),

  mixupTargets: call(({ permutation, lambda }: Drawn) => ({ targets: mixupTargets(permutation, lambda) })),

  perturbMixture: call((
    { unimodal, joint, weights }: Embeddings & { weights: tf.Tensor2D },
    options: ExploreMixtureOptions,
  ) => ({ mixed: perturbMixture(unimodal, joint, weights, options) })),

  softTargetContrastive: call((
    { queries, keys, targets }: Record<"queries" | "keys" | "targets", tf.Tensor2D>,
    options: SoftTargetContrastiveOptions,
  ) => ({ value: softTargetContrastive(queries, keys, targets, options) })),
};
