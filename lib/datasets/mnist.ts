// MNIST: written digits.

import { join } from "node:path";
import { type DatasetCard, DIGITS } from "./card.ts";
import { DATA_FOLDER, gunzip, readDataFile, readIdx } from "./files.ts";

const CARD: DatasetCard = {
  name: "MNIST",
  what: "Handwritten digits: the first 10,000 training images and all test images of the original data.",
  samples: 20_000,
  modalities: [{ name: "image", what: "grey level, 0 background to 1 ink", shape: [28, 28, 1] }],
  classes: { label: DIGITS },
  splits: { train: 10_000, test: 10_000 },
  subgroups: {},
  licence: "CC BY-SA 3.0",
  citation: "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document recognition, " +
    "Proceedings of the IEEE 86(11), 1998",
  source: "https://storage.googleapis.com/cvdf-datasets/mnist/",
  files: [
    {
      path: "train10k-images-idx3-ubyte.gz",
      sha256: "36707bfd63bcc1baf911512db8f40af1940d9fc513cb862f99741a994da05181",
    },
    {
      path: "train10k-labels-idx1-ubyte.gz",
      sha256: "ddb336c35d26d6499f325832214cfd852954d037817de7f291d8e80ad0912b32",
    },
    {
      path: "t10k-images-idx3-ubyte.gz",
      sha256: "5634745efa576a17e7d4cf5cd9d09123c75e6538e5114267c2d156edaf519341",
    },
    {
      path: "t10k-labels-idx1-ubyte.gz",
      sha256: "ae18e77e031ccde52407f794d123116439864147d33ac992975f85dd4dc42af6",
    },
  ],
};

/** Written digits of one split. */
export interface WrittenDigits {
  count: number;
  /** Grey levels, 0 background to 1 ink, `[count, 28, 28, 1]`. */
  image: Float32Array;
  /** Digit, `[count]`. */
  label: Int32Array;
}

/** The data set. */
export interface Mnist {
  card: DatasetCard;
  train: WrittenDigits;
  test: WrittenDigits;
}

/**
 * Reads MNIST.
 *
 * @param options `folder`: where its files are. Default `data/mnist` of Braid.
 * @returns Both splits and the card.
 * @throws {DataFileError} If a file is missing or altered.
 *
 * @example
 * ```ts
 * import { mnist } from "braid/datasets/mnist.ts";
 * import assert from "node:assert/strict";
 *
 * const { test } = await mnist();
 * assert.deepEqual([...test.label.subarray(0, 5)], [7, 2, 1, 0, 4]);
 * ```
 */
export async function mnist({ folder = join(DATA_FOLDER, "mnist") }: { folder?: string } = {}): Promise<Mnist> {
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all(
    CARD.files.map(async (file) => await gunzip(await readDataFile(folder, file, CARD))),
  );
  return { card: CARD, train: unpack(trainImages, trainLabels), test: unpack(testImages, testLabels) };
}

function unpack(images: Uint8Array, labels: Uint8Array): WrittenDigits {
  const image = readIdx(images, 3), label = readIdx(labels, 1);
  return {
    count: label.shape[0],
    image: new Float32Array(image.data).map((level) => level / 255),
    label: new Int32Array(label.data),
  };
}
