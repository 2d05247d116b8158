// Which wheels hold libtensorflow, platform by platform, and by which hashes they are known.

/** Version of TensorFlow that Braid runs on. */
export const TENSORFLOW_VERSION = "2.21.0";

/** A wheel as the package index serves it, and what of it is kept. */
export interface Wheel {
  /** Name of the package. */
  name: string;
  /** Its exact version. */
  version: string;
  /** Platform tag of the wheel. */
  platform: string;
  /** Bytes of the wheel. */
  size: number;
  /** SHA-256 of the wheel, hexadecimal. */
  sha256: string;
  /** Paths inside the wheel to unpack. */
  keep: RegExp;
  /** Bytes of what is unpacked. */
  unpackedSize: number;
}

/** One of the two libraries, as its wheel holds it: the same file in the wheels for every version of Python. */
export interface Library {
  /** Path inside the wheel and inside the installation. */
  path: string;
  /** SHA-256, hexadecimal. */
  sha256: string;
}

/** An installation of libtensorflow for one platform. */
export interface Build {
  os: string;
  arch: string;
  /** True if it computes on an NVIDIA GPU where there is one. */
  cuda: boolean;
  wheels: Wheel[];
  /** libtensorflow_framework, then libtensorflow_cc. */
  libraries: [Library, Library];
}

/** Folder name of a build inside Braid's cache. */
export const buildName = ({ os, arch, cuda }: Build) =>
  `libtensorflow-${TENSORFLOW_VERSION}-${os}-${arch}${cuda ? "-cuda" : ""}`;

/** File names of the two libraries: framework first, it must be loaded first. */
export const libraryNames = (os: string): [string, string] =>
  os === "darwin"
    ? ["libtensorflow_framework.2.dylib", "libtensorflow_cc.2.dylib"]
    : ["libtensorflow_framework.so.2", "libtensorflow_cc.so.2"];

function libraries(os: string, frameworkHash: string, mainHash: string): [Library, Library] {
  const [framework, main] = libraryNames(os);
  return [
    { path: `tensorflow/${framework}`, sha256: frameworkHash },
    { path: `tensorflow/${main}`, sha256: mainHash },
  ];
}

const tensorflow = { version: TENSORFLOW_VERSION, keep: /^tensorflow\/libtensorflow_(framework|cc)\.[^/]+$/ };
const linux = "manylinux_2_27_x86_64";

/** A package of the extra `and-cuda`: TensorFlow looks for its files in `../nvidia/NAME/lib`, seen from `tensorflow/`. */
const cuda = (
  name: string,
  version: string,
  platform: string,
  size: number,
  unpackedSize: number,
  sha256: string,
): Wheel => ({
  name: `nvidia-${name}-cu12`,
  version,
  platform,
  size,
  unpackedSize,
  sha256,
  keep: /^nvidia\/[^/]+\/(lib|bin|nvvm)\//,
});

/** All that can be installed. TensorFlow's wheel for Windows keeps the C API inside a Python module: it is of no use here. */
export const BUILDS: readonly Build[] = [
  {
    os: "linux",
    arch: "x86_64",
    cuda: false,
    wheels: [{
      ...tensorflow,
      name: "tensorflow_cpu",
      platform: linux,
      size: 273829956,
      sha256: "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c",
      unpackedSize: 853308936,
    }],
    libraries: libraries(
      "linux",
      "f060b323b26ef80add21b9df9428de3aeaf2843d772c5bb098745f7abff3709b",
      "6505a4b9657e62100c6bdacb683957a395cb047725042945aaa50e40a71e429e",
    ),
  },
  {
    os: "linux",
    arch: "aarch64",
    cuda: false,
    wheels: [{
      ...tensorflow,
      name: "tensorflow",
      platform: "manylinux_2_27_aarch64",
      size: 281828020,
      sha256: "4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c",
      unpackedSize: 883062208,
    }],
    libraries: libraries(
      "linux",
      "deade33b9ab90ff468fd1d1f8f6079bec5a3a507cf2d13c3218aa8beec28aeb3",
      "5f7de6ba6478ed7b83767a6e661e3e6e6931b05c64db14ba98250e52316a007c",
    ),
  },
  {
    os: "darwin",
    arch: "aarch64",
    cuda: false,
    wheels: [{
      ...tensorflow,
      name: "tensorflow",
      platform: "macosx_12_0_arm64",
      size: 223405849,
      sha256: "51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88",
      unpackedSize: 740805624,
    }],
    libraries: libraries(
      "darwin",
      "e581d6db9e26f13e49327427e5d304cecbfe45d3467db7700e058857a4fd76bb",
      "753272d059c7be51f64369aaa8e12ac514ce372e0c4ba66f3cc49ec3b1c33384",
    ),
  },
  {
    os: "linux",
    arch: "x86_64",
    cuda: true,
    // deno-fmt-ignore
    wheels: [
      {
        ...tensorflow,
        name: "tensorflow",
        platform: linux,
        size: 572440367,
        sha256: "9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124",
        unpackedSize: 1259021080,
      },
      cuda("cublas", "12.9.3.13", linux, 581217458, 855064416, "d7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72"),
      cuda("cuda-cupti", "12.9.79", "manylinux_2_25_x86_64", 10814997, 43365768, "096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f"),
      cuda("cuda-nvcc", "12.9.86", "manylinux2010_x86_64", 40546229, 98010465, "5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0"),
      cuda("cuda-nvrtc", "12.9.86", "manylinux2010_x86_64", 89568129, 227340992, "210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4"),
      cuda("cuda-runtime", "12.9.79", "manylinux2014_x86_64", 3493179, 5342176, "25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3"),
      cuda("cudnn", "9.28.0.42", linux, 716538495, 1162393472, "9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375"),
      cuda("cufft", "11.4.1.4", "manylinux2014_x86_64", 200877592, 293609416, "c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28"),
      cuda("curand", "10.3.10.19", linux, 68295626, 166965432, "49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e"),
      cuda("cusolver", "11.7.5.82", linux, 338117415, 494975064, "15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88"),
      cuda("cusparse", "12.5.10.65", "manylinux2014_x86_64", 366465088, 486556368, "73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78"),
      cuda("nccl", "2.32.3", linux, 351526311, 489653380, "bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c"),
      cuda("nvjitlink", "12.9.86", "manylinux2010_x86_64", 39748338, 95935344, "e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9"),
    ],
    libraries: libraries(
      "linux",
      "98847c6f0448308159f6d3ff55e13a9e92978598c7fbb34cde63aadf35c6fe84",
      "2889ecc99d7641620f41a4bea538f4dd4b626f75aa3e12623161ae939054191c",
    ),
  },
];
