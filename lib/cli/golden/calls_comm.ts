import type * as tf from "@tensorflow/tfjs";
import { commLoss, type CommLossOptions } from "../../losses/comm_loss.ts";
import { type Call, call } from "./call.ts";

/** Calls of the golden folder `comm`. */
export const commCalls: Record<string, Call> = {
  commLoss: call((
    { view1, view2, weights }: { view1: tf.Tensor3D; view2: tf.Tensor3D; weights?: tf.Tensor1D },
    options: CommLossOptions,
  ) => ({ ...commLoss(view1, view2, { ...options, weights }) })),
};
