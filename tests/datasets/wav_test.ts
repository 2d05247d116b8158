import assert from "node:assert/strict";
import { DataFileError } from "braid/datasets/files.ts";
import { readWav } from "braid/datasets/wav.ts";

/** A WAV file by the book: RIFF header, format chunk, any other chunks, data chunk. */
function wav(
  samples: number[],
  { rate = 8000, channels = 1, bits = 16, format = 1, extra = [] as number[] } = {},
): Uint8Array {
  const ascii = (text: string) => [...new TextEncoder().encode(text)];
  const little = (value: number, bytes: number) => Array.from({ length: bytes }, (_, at) => (value >> (8 * at)) & 255);
  const block = channels * bits / 8, data = samples.flatMap((sample) => little(sample, bits / 8));
  const body = [
    ...ascii("WAVEfmt "),
    ...[little(16, 4), little(format, 2), little(channels, 2), little(rate, 4)].flat(),
    ...[little(rate * block, 4), little(block, 2), little(bits, 2)].flat(),
    ...extra,
    ...ascii("data"),
    ...little(data.length, 4),
    ...data,
  ];
  return Uint8Array.from([...ascii("RIFF"), ...little(body.length, 4), ...body]);
}

Deno.test("readWav() gives 16-bit samples as fractions of full scale", () => {
  assert.deepEqual(
    readWav(wav([0, 1, -1, 32767, -32768]), 8000),
    Float32Array.of(0, 1 / 32768, -1 / 32768, 32767 / 32768, -1),
  );
  assert.deepEqual(readWav(wav([]), 8000), new Float32Array());
});

Deno.test("readWav() passes over other chunks", () => {
  const note = [...new TextEncoder().encode("LIST"), 4, 0, 0, 0, 1, 2, 3, 4];
  assert.deepEqual(readWav(wav([16384], { extra: note }), 8000), Float32Array.of(0.5));
});

Deno.test("readWav() refuses another rate, channel count, width or format, and says which", () => {
  const refused: [Uint8Array, RegExp][] = [
    [wav([0], { rate: 16000 }), /8000 Hz, got format 1, 1 channel\(s\), 16 bits, 16000 Hz/],
    [wav([0, 0], { channels: 2 }), /got format 1, 2 channel/],
    [wav([0], { bits: 8 }), /8 bits/],
    [wav([0], { bits: 32, format: 3 }), /got format 3/],
  ];
  for (const [bytes, message] of refused) {
    assert.throws(() => readWav(bytes, 8000), (error: Error) => {
      assert.ok(error instanceof DataFileError);
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("readWav() refuses what is no WAV file", () => {
  const whole = wav([1, 2, 3]);
  for (const bytes of [new Uint8Array(), new TextEncoder().encode("ID3 some other sound"), whole.slice(0, 30)]) {
    assert.throws(() => readWav(bytes, 8000), DataFileError);
  }
});
