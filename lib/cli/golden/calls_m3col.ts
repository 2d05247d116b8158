import * as tf from "@tensorflow/tfjs";
import { m3coLoss, type M3coLossOptions } from "../../losses/m3co_loss.ts";
import { m3coTotal, type M3coTotalOptions } from "../../losses/m3co_total.ts";
import { m3colLoss } from "../../losses/m3col_loss.ts";
import { mixEmbeddings, type MixEmbeddingsOptions } from "../../losses/mix_embeddings.ts";
import { multiSClipTotal } from "../../losses/multi_s_clip_total.ts";
import { softClipLoss, type SoftClipLossOptions } from "../../losses/soft_clip_loss.ts";
import { minMaxScale } from "../../methods/m3col/min_max_scale.ts";
import { m3colForward } from "../../methods/m3col/omics_model.ts";
import { m3colPhase, type M3colPhaseOptions, m3colSwitchEpoch } from "../../methods/m3col/phase.ts";
import type { PerceptronParameters } from "../../nn/perceptron.ts";
import { type Call, call, numbered, type Tensors } from "./call.ts";

/** Partners and shares of each modality: every file has them, only the first phase uses them. */
type Draws = { permutations: tf.Tensor2D; lambdas: tf.Tensor2D };
type PhaseOptions = { phase: "m3co" | "sclip"; beta?: number };

/** Calls of the golden folder `m3col`. */
export const m3colCalls: Record<string, Call> = {
  m3coLoss: call((
    { mixed, clean, permutation, lambda }: Record<"mixed" | "clean", tf.Tensor2D> & {
      permutation: tf.Tensor1D;
      lambda: tf.Tensor1D;
    },
    options: M3coLossOptions,
  ) => ({ ...m3coLoss(mixed, clean, permutation, lambda, options) })),

  m3coTotal: call((
    { embeddings, permutations, lambdas }: Draws & { embeddings: tf.Tensor3D },
    options: M3coTotalOptions,
  ) => ({ ...m3coTotal(embeddings, permutations, lambdas, options) })),

  // The published code: embeddings are mixed, in place, and fixed points overwritten.
  m3colForward: call((inputs: Tensors & Draws & { labels: tf.Tensor1D }, options: PhaseOptions) => {
    const { permutations, lambdas, labels } = inputs, x = numbered(inputs, "x", 1) as tf.Tensor2D[];
    const parts = (name: string) => x.map((_, m) => perceptronParameters(inputs, `${name}${m + 1}`));
    const parameters = {
      encoders: parts("encoder"),
      heads: parts("head"),
      fused: perceptronParameters(inputs, "fused"),
    };
    const { embeddings, unimodalLogits, fusedLogits } = m3colForward(x, parameters);
    const published = { permutations, lambdas, aliasedTargets: true, fixedPoints: "overwrite" } as const;
    const { value, fused } = m3colLoss(fusedLogits, unimodalLogits, labels, embeddings, { ...published, ...options });
    return { value, fused, logits: fusedLogits };
  }),

  m3colLoss: call((
    { fusedLogits, unimodalLogits, labels, embeddings, permutations, lambdas }: Draws & {
      fusedLogits: tf.Tensor2D;
      unimodalLogits: tf.Tensor3D;
      labels: tf.Tensor1D;
      embeddings: tf.Tensor3D;
    },
    options: PhaseOptions,
  ) => ({ ...m3colLoss(fusedLogits, unimodalLogits, labels, embeddings, { permutations, lambdas, ...options }) })),

  m3colPhase: call(async ({ epoch }: { epoch: tf.Tensor1D }, options: M3colPhaseOptions) => {
    const usesSoftClip = Array.from(await epoch.data(), (e) => Number(m3colPhase(e, options) === "sclip"));
    return {
      switchEpoch: tf.scalar(m3colSwitchEpoch(options), "int32"),
      useSoftClip: tf.tensor1d(usesSoftClip, "int32"),
    };
  }),

  minMaxScale: call(({ train, test }: Record<"train" | "test", tf.Tensor2D>) => ({ ...minMaxScale(train, test) })),

  mixEmbeddings: call((
    { x, permutation, lambda, uniform }: { x: tf.Tensor } & Record<"permutation" | "lambda" | "uniform", tf.Tensor1D>,
    options: MixEmbeddingsOptions,
  ) => ({ ...mixEmbeddings(x, permutation, lambda, uniform, options) })),

  multiSClipTotal: call(({ embeddings }: { embeddings: tf.Tensor3D }, options: SoftClipLossOptions) => ({
    ...multiSClipTotal(embeddings, options),
  })),

  softClipLoss: call((
    { predictions, targets }: Record<"predictions" | "targets", tf.Tensor2D>,
    options: SoftClipLossOptions,
  ) => ({ value: softClipLoss(predictions, targets, options) })),
};

/** Two layers, `weight1`, `bias1`, `weight2`, `bias2` below a prefix. */
function perceptronParameters(inputs: Tensors, prefix: string): PerceptronParameters {
  const layers = [1, 2].map((k) => ({
    weight: inputs[`${prefix}.weight${k}`] as tf.Tensor2D,
    bias: inputs[`${prefix}.bias${k}`] as tf.Tensor1D,
  }));
  return { layers };
}
