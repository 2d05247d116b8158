import type * as tf from "@tensorflow/tfjs";
import { multiModalLogits, type MultiModalOptions } from "../../losses/multi_modal_logits.ts";
import { multiModalLoss } from "../../losses/multi_modal_loss.ts";
import { multiModalLossFromLogits } from "../../losses/multi_modal_loss_from_logits.ts";
import type { ProxyLayout } from "../../losses/proxies.ts";
import { linearFusionLoss } from "../../methods/multimodal_loss/linear_fusion_loss.ts";
import { proxyAssignments } from "../../methods/multimodal_loss/proxy_assignments.ts";
import { sumFusionLoss } from "../../methods/multimodal_loss/sum_fusion_loss.ts";
import { type Call, call } from "./call.ts";

type Decisions = { probabilities: tf.Tensor2D };
type Labels = { labels: tf.Tensor1D };
type Proxies = { proxies: tf.Tensor2D };

/** Calls of the golden folder `multimodal-loss`. */
export const multimodalLossCalls: Record<string, Call> = {
  linearFusionLoss: call((
    { probabilities, weight, bias, labels }: Decisions & Labels & { weight: tf.Tensor2D; bias: tf.Tensor1D },
  ) => ({ ...linearFusionLoss(probabilities, weight, bias, labels) })),

  multiModalLogits: call(({ probabilities, proxies }: Decisions & Proxies, options: MultiModalOptions) => ({
    ...multiModalLogits(probabilities, proxies, options),
  })),

  multiModalLoss: call((
    { probabilities, proxies, labels }: Decisions & Proxies & Labels,
    options: MultiModalOptions,
  ) => ({
    ...multiModalLoss(probabilities, proxies, labels, options),
  })),

  multiModalLossFromLogits: call((
    { unimodalLogits, proxies, labels }: { unimodalLogits: tf.Tensor3D } & Proxies & Labels,
    options: MultiModalOptions,
  ) => ({ ...multiModalLossFromLogits(unimodalLogits, proxies, labels, options) })),

  proxyAssignments: call(({ probabilities, proxies }: Decisions & Proxies, layout: ProxyLayout) => ({
    ...proxyAssignments(probabilities, proxies, layout),
  })),

  sumFusionLoss: call((
    { probabilities, labels }: Decisions & Labels,
    options: Pick<ProxyLayout, "classes" | "modalities">,
  ) => ({ ...sumFusionLoss(probabilities, labels, options) })),
};
