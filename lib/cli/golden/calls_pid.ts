import type * as tf from "@tensorflow/tfjs";
import { informationTerms } from "../../interactions/information_terms.ts";
import { brojaPid } from "../../interactions/partial_information.ts";
import { type Call, call, scalars } from "./call.ts";

/** Calls of the golden folder `pid`. */
export const pidCalls: Record<string, Call> = {
  brojaPid: call(async ({ p }: { p: tf.Tensor3D }) => {
    return scalars({ ...brojaPid(await p.array()) });
  }),

  informationTerms: call(async ({ p }: { p: tf.Tensor3D }) => scalars({ ...informationTerms(await p.array()) })),
};
