import type * as tf from "@tensorflow/tfjs";
import { clipLoss } from "../../losses/clip_loss.ts";
import { cmcLoss } from "../../losses/cmc_loss.ts";
import { crossSelfLoss, type CrossSelfLossOptions } from "../../losses/cross_self_loss.ts";
import { infoNCE, type InfoNCEOptions } from "../../losses/info_nce.ts";
import { mixup } from "../../losses/mixup.ts";
import { mixupCrossEntropy, type MixupCrossEntropyOptions } from "../../losses/mixup_cross_entropy.ts";
import { ntXent, type NtXentOptions } from "../../losses/nt_xent.ts";
import { retrievalAccuracy } from "../../losses/retrieval_accuracy.ts";
import { slipLoss, type SlipLossOptions } from "../../losses/slip_loss.ts";
import { supConLoss, type SupConLossOptions } from "../../losses/sup_con_loss.ts";
import { type Call, call } from "./call.ts";

type Pair = { a: tf.Tensor2D; b: tf.Tensor2D };

/** Calls of the golden folder `common`. */
export const commonCalls: Record<string, Call> = {
  clipLoss: call(({ a, b, logitScale }: Pair & { logitScale: tf.Scalar }) => ({ ...clipLoss(a, b, logitScale) })),

  cmcLoss: call(({ embeddings }: { embeddings: tf.Tensor3D }, options: NtXentOptions) => ({
    value: cmcLoss(embeddings, options),
  })),

  crossSelfLoss: call((
    { cross1, cross2, view1a, view1b, view2a, view2b }: Record<
      "cross1" | "cross2" | "view1a" | "view1b" | "view2a" | "view2b",
      tf.Tensor2D
    >,
    options: CrossSelfLossOptions,
  ) => ({ value: crossSelfLoss([cross1, cross2], [[view1a, view1b], [view2a, view2b]], options) })),

  infoNCE: call(({ a, b }: Pair, options: InfoNCEOptions) => ({ value: infoNCE(a, b, options) })),

  mixup: call((
    { x, labels, permutation, lambda }: {
      x: tf.Tensor;
      labels: tf.Tensor1D;
      permutation: tf.Tensor1D;
      lambda: tf.Scalar;
    },
  ) => ({ ...mixup(x, labels, permutation, lambda) })),

  mixupCrossEntropy: call((
    { logits, labelsA, labelsB, lambda }: {
      logits: tf.Tensor2D;
      labelsA: tf.Tensor1D;
      labelsB: tf.Tensor1D;
      lambda: tf.Scalar;
    },
    options: MixupCrossEntropyOptions,
  ) => ({ value: mixupCrossEntropy(logits, labelsA, labelsB, lambda, options) })),

  ntXent: call(({ a, b }: Pair, options: NtXentOptions) => ({
    value: ntXent(a, b, options),
    accuracy: retrievalAccuracy(a, b),
  })),

  slipLoss: call((
    { image, text, viewA, viewB, logitScale }: Record<"image" | "text" | "viewA" | "viewB", tf.Tensor2D> & {
      logitScale: tf.Scalar;
    },
    options: SlipLossOptions,
  ) => ({ value: slipLoss(image, text, viewA, viewB, logitScale, options) })),

  supConLoss: call((
    { features, labels }: { features: tf.Tensor3D; labels?: tf.Tensor1D },
    options: SupConLossOptions,
  ) => ({
    value: supConLoss(features, labels, options),
  })),
};
