import * as tf from "@tensorflow/tfjs";
import { brojaPid } from "../../interactions/partial_information.ts";
import { type Call, call } from "./call.ts";

/** Calls of the golden folder `pid`. */
export const pidCalls: Record<string, Call> = {
  brojaPid: call(async ({ p }: { p: tf.Tensor3D }) => {
    const atoms = Object.entries(brojaPid(await p.array()));
    return Object.fromEntries(atoms.map(([name, bits]) => [name, tf.scalar(bits)]));
  }),
};
