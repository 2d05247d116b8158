import * as tf from "@tensorflow/tfjs";
import { expectedCalibrationError } from "../../evaluation/calibration.ts";
import { classificationMetrics } from "../../evaluation/classification_metrics.ts";
import { logisticProbe, type LogisticProbeOptions } from "../../evaluation/logistic_probe.ts";
import { type Call, call } from "./call.ts";

const indices = async (tensor: tf.Tensor): Promise<Int32Array> => Int32Array.from(await tensor.data());

/** Calls of the golden folder `metrics`. */
export const metricsCalls: Record<string, Call> = {
  classificationMetrics: call(async (
    { labels, predictions }: { labels: tf.Tensor1D; predictions: tf.Tensor1D },
    options: { classes: number },
  ) => {
    const metrics = classificationMetrics(await indices(labels), await indices(predictions), options);
    return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, tf.tensor(value)]));
  }),

  expectedCalibrationError: call(async (
    { probabilities, labels }: { probabilities: tf.Tensor2D; labels: tf.Tensor1D },
    options: { bins: number },
  ) => {
    const { error } = expectedCalibrationError(await indices(labels), await probabilities.array(), options);
    return { ece: tf.scalar(error) };
  }),

  logisticProbe: call(async (
    { features, labels, test }: { features: tf.Tensor2D; labels: tf.Tensor1D; test: tf.Tensor2D },
    options: LogisticProbeOptions,
  ) => {
    const probe = await logisticProbe(features, await indices(labels), options);
    return { probabilities: probe.predictProbabilities(test), objective: tf.scalar(probe.objective) };
  }),
};
