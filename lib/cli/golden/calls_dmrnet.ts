import * as tf from "@tensorflow/tfjs";
import { dmrnetLoss, type DmrnetLossOptions } from "../../losses/dmrnet_loss.ts";
import { hardCombinationLoss, type HardCombinationLossOptions } from "../../losses/hard_combination_loss.ts";
import { type KlOptions, klToStandardNormal } from "../../losses/kl_to_standard_normal.ts";
import { combinationsFromUniform, modalityCombinations } from "../../methods/dmrnet/combinations.ts";
import { headSliceLogits } from "../../methods/dmrnet/head_slice_logits.ts";
import { maskedConcat } from "../../methods/dmrnet/masked_concat.ts";
import {
  combinationStatistics,
  type CombinationStatisticsOptions,
  mineHardCombinations,
  type MiningOptions,
} from "../../methods/dmrnet/mining.ts";
import { pmeHead, type PmeHeadOptions, pmeSample } from "../../methods/dmrnet/probabilistic_embedding.ts";
import { type Call, call, type Tensors } from "./call.ts";

type Labelled = { logits: tf.Tensor2D; labels: tf.Tensor1D; hard: tf.Tensor1D };
type Gaussian = { mu: tf.Tensor; logVariance: tf.Tensor };

/** Calls of the golden folder `dmrnet`. */
export const dmrnetCalls: Record<string, Call> = {
  combinationStatistics: call((
    { logVariance, mask }: { logVariance: tf.Tensor; mask: tf.Tensor2D },
    options: CombinationStatisticsOptions,
  ) => ({ ...combinationStatistics(logVariance, mask, options) })),

  combinationsFromUniform: call(({ uniform }: { uniform: tf.Tensor1D }, options: { modalities: number }) => ({
    ...combinationsFromUniform(uniform, options),
  })),

  dmrnetLoss: call((
    { logits, labels, mu, logVariance, hard }: Labelled & Gaussian,
    options: DmrnetLossOptions,
  ) => ({ ...dmrnetLoss(logits, labels, mu, logVariance, hard, options) })),

  hardCombinationLoss: call(({ logits, labels, hard }: Labelled, options: HardCombinationLossOptions) => ({
    value: hardCombinationLoss(logits, labels, hard, options),
  })),

  headSliceLogits: call((
    { features, weight, bias }: { features: tf.Tensor2D; weight: tf.Tensor2D; bias: tf.Tensor1D },
    options: { modalities: number },
  ) => ({ logits: headSliceLogits(features, weight, bias, options) })),

  klToStandardNormal: call(({ mu, logVariance }: Gaussian, options: KlOptions) => ({
    value: klToStandardNormal(channelsLast(mu), channelsLast(logVariance), options),
  })),

  maskedConcat: call((inputs: Tensors & { mask: tf.Tensor2D }) => {
    const features = inputs.mask.shape[1]!;
    const named = Array.from({ length: features }, (_, m) => inputs[`feature${m}`] as tf.Tensor2D);
    return { output: maskedConcat(named, inputs.mask) };
  }),

  mineHardCombinations: call(async ({ score }: { score: tf.Tensor1D }, options: MiningOptions) => ({
    hard: tf.tensor1d(mineHardCombinations(await score.data(), options), "int32"),
  })),

  modalityCombinations: call((_, { modalities }: { modalities: number }) => ({
    masks: modalityCombinations(modalities),
  })),

  pmeHead: call((inputs: Tensors, options: PmeHeadOptions) => {
    const normalised = (name: string) => ({
      linear: {
        weight: inputs[`weight${name}`] as tf.Tensor2D,
        bias: inputs[`bias${name}`] as tf.Tensor1D,
      },
      norm: {
        weight: inputs[`bnWeight${name}`] as tf.Tensor1D,
        bias: inputs[`bnBias${name}`] as tf.Tensor1D,
        runningMean: inputs[`runningMean${name}`] as tf.Tensor1D,
        runningVar: inputs[`runningVar${name}`] as tf.Tensor1D,
      },
    });
    const parameters = {
      mean: normalised("Mu"),
      logVariance: normalised("Var"),
      predictor: { weight: inputs.weightOut as tf.Tensor2D, bias: inputs.biasOut as tf.Tensor1D },
    };
    const { running: _, ...result } = pmeHead(
      inputs.features as tf.Tensor2D,
      parameters,
      inputs.epsilon as tf.Tensor2D,
      options,
    );
    return result;
  }),

  pmeSample: call((
    { mu, logVariance, epsilon }: Gaussian & { epsilon: tf.Tensor },
    options: { training: boolean },
  ) => ({ ...pmeSample(mu, logVariance, epsilon, options) })),
};

/** Golden maps have channels first. */
function channelsLast(x: tf.Tensor): tf.Tensor {
  return x.rank < 3 ? x : tf.transpose(x, [0, ...x.shape.slice(2).map((_, i) => i + 2), 1]);
}
