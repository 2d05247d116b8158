import * as tf from "@tensorflow/tfjs";
import { accuracyBounds, type LabelInformation } from "../../interactions/accuracy_bounds.ts";
import { majorizationMeet } from "../../interactions/majorization_meet.ts";
import { synergyBounds } from "../../interactions/synergy_bounds.ts";
import { mutualInformationBounds } from "../../losses/mutual_information_bounds.ts";
import { type Call, call, scalars } from "./call.ts";

/** Calls of the golden folder `related`. */
export const relatedCalls: Record<string, Call> = {
  accuracyBounds: call(async ({ information }: { information: tf.Tensor1D }, options: LabelInformation) => {
    const bounds = (await information.array()).map((bits) => accuracyBounds(bits, options));
    return {
      lower: tf.tensor1d(bounds.map(({ lower }) => lower)),
      upperLoose: tf.tensor1d(bounds.map(({ upperLoose }) => upperLoose)),
      upperFano: tf.tensor1d(bounds.map(({ upperFano }) => upperFano)),
    };
  }),

  majorizationMeet: call(async ({ a, b }: { a: tf.Tensor1D; b: tf.Tensor1D }) => {
    const { meet, entropy } = majorizationMeet(await a.array(), await b.array());
    return { meet: tf.tensor1d(meet), entropy: tf.scalar(entropy) };
  }),

  mutualInformationBounds: call(({ scores }: { scores: tf.Tensor2D }) => mutualInformationBounds(scores)),

  synergyBounds: call(async ({ p }: { p: tf.Tensor3D }) => scalars({ ...synergyBounds(await p.array()) })),
};
