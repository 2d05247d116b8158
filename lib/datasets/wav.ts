// Reading WAV files.

import wavefile from "wavefile";
import { DataFileError } from "./files.ts";

/** What wavefile's own types leave open. */
interface PcmWave {
  fmt: { audioFormat: number; numChannels: number; sampleRate: number; bitsPerSample: number };
  data: { samples: Uint8Array };
}

/**
 * Reads a WAV file of one channel and 16-bit samples.
 *
 * @param bytes The file.
 * @param rate The sampling rate it must have, in hertz.
 * @returns Samples in [-1, 1).
 * @throws {DataFileError} If the bytes are not such a file.
 *
 * @example
 * ```ts
 * import { readWav } from "braid/datasets/wav.ts";
 * import assert from "node:assert/strict";
 * import wavefile from "wavefile";
 *
 * const wave = new wavefile.WaveFile();
 * wave.fromScratch(1, 8000, "16", [0, 16384, -32768]);
 * assert.deepEqual(readWav(wave.toBuffer(), 8000), Float32Array.of(0, 0.5, -1));
 * ```
 */
export function readWav(bytes: Uint8Array, rate: number): Float32Array {
  const { fmt, data } = parse(bytes);
  const found =
    `format ${fmt.audioFormat}, ${fmt.numChannels} channel(s), ${fmt.bitsPerSample} bits, ${fmt.sampleRate} Hz`;
  const expected = `format 1, 1 channel(s), 16 bits, ${rate} Hz`;
  if (found !== expected) throw new DataFileError(`Expected a WAV file of ${expected}, got ${found}`);
  const samples = new Int16Array(data.samples.slice().buffer); // WAV is little-endian, as every machine Deno runs on
  return new Float32Array(samples).map((sample) => sample / 32768);
}

function parse(bytes: Uint8Array): PcmWave {
  try {
    return new wavefile.WaveFile(bytes) as unknown as PcmWave;
  } catch (error) {
    throw new DataFileError(`Expected a WAV file, got ${bytes.length} bytes: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
