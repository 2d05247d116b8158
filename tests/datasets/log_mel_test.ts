import assert from "node:assert/strict";
import { hertzToMel, LOG_MEL_SHAPE, logMel, melFilters, melToHertz } from "braid/datasets/log_mel.ts";
import { randomNumbers } from "braid/engine/random_numbers.ts";

const [BANDS, FRAMES] = LOG_MEL_SHAPE, BINS = 257;

const close = (got: number, want: number, tolerance: number) =>
  assert.ok(Math.abs(got - want) <= tolerance * Math.max(1, Math.abs(want)), `got ${got}, want ${want}`);

const tone = (hertz: number, samples = 8000) =>
  Float32Array.from({ length: samples }, (_, n) => 0.5 * Math.sin(2 * Math.PI * hertz * n / 8000));

const noise = (samples: number) => {
  const { uniform } = randomNumbers(1, "noise");
  return Float32Array.from({ length: samples }, () => uniform() - 0.5);
};

const frame = (spectrogram: Float32Array, t: number) =>
  Array.from({ length: BANDS }, (_, band) => spectrogram[band * FRAMES + t]);

/** One frame by its definition: window, discrete Fourier sums, triangles drawn on the mel scale of HTK. */
function frameByLoop(samples: Float32Array, start: number): number[] {
  const power = Array.from({ length: BINS }, (_, bin) => {
    let real = 0, imaginary = 0;
    for (let n = 0; n < 256; n++) {
      const value = samples[start + n] * Math.sin(Math.PI * n / 256) ** 2; // Hann
      real += value * Math.cos(2 * Math.PI * bin * n / 512);
      imaginary -= value * Math.sin(2 * Math.PI * bin * n / 512);
    }
    return real ** 2 + imaginary ** 2;
  });
  const htk = (hertz: number) => 2595 * Math.log10(1 + hertz / 700), step = htk(4000) / 65;
  const corner = (k: number) => 700 * (10 ** (k * step / 2595) - 1);
  return Array.from({ length: BANDS }, (_, band) => {
    const [low, peak, high] = [corner(band), corner(band + 1), corner(band + 2)];
    const total = power.reduce((sum, value, bin) => {
      const hertz = bin * 15.625;
      if (hertz <= low || hertz >= high) return sum;
      return sum + value * (hertz < peak ? (hertz - low) / (peak - low) : (high - hertz) / (high - peak));
    }, 0);
    return Math.log(total + 1e-6);
  });
}

Deno.test("hertzToMel() is HTK's scale: 1000 Hz are 1000 mel, and melToHertz() its inverse", () => {
  close(hertzToMel(1000), 1000, 1e-4);
  assert.equal(hertzToMel(0), 0);
  close(hertzToMel(700), 2595 * Math.log10(2), 1e-12);
  for (const hertz of [0, 20, 440, 4000]) close(melToHertz(hertzToMel(hertz)), hertz, 1e-9);
});

Deno.test("mel filters of neighbours add up to 1 between the first and the last peak, and none is empty", () => {
  const filters = melFilters(),
    first = melToHertz(hertzToMel(4000) / 65),
    last = melToHertz(64 * hertzToMel(4000) / 65);
  assert.equal(filters.length, BANDS * BINS);
  for (let bin = 0; bin < BINS; bin++) {
    const hertz = bin * 15.625;
    const sum = Array.from({ length: BANDS }, (_, band) => filters[band * BINS + bin]).reduce((a, b) => a + b);
    if (hertz >= first && hertz <= last) close(sum, 1, 1e-12);
  }
  for (let band = 0; band < BANDS; band++) {
    assert.ok(filters.subarray(band * BINS, (band + 1) * BINS).some((weight) => weight > 0.2), `band ${band}`);
  }
});

Deno.test("logMel() equals its definition", () => {
  const samples = noise(8000), spectrogram = logMel(samples);
  assert.equal(spectrogram.length, 64 * 44);
  for (const t of [0, 1, 20, 43]) {
    const want = frameByLoop(samples, 180 * t);
    frame(spectrogram, t).forEach((value, band) => close(value, want[band], 1e-5));
  }
});

Deno.test("the last frame ends within the second", () => {
  const samples = new Float32Array(8000).fill(0.5, 43 * 180 + 256); // only what lies behind the last frame
  assert.ok(logMel(samples).every((value) => Math.abs(value - Math.log(1e-6)) < 1e-5));
});

Deno.test("a pure tone is loudest in the band whose peak is nearest, in every frame", () => {
  for (const hertz of [250, 700, 1000, 2200, 3500]) {
    const spectrogram = logMel(tone(hertz)), nearest = Math.round(65 * hertzToMel(hertz) / hertzToMel(4000)) - 1;
    for (let t = 0; t < FRAMES; t++) {
      const values = frame(spectrogram, t);
      const loudest = values.indexOf(Math.max(...values));
      assert.ok(Math.abs(loudest - nearest) <= 1, `${hertz} Hz: band ${loudest}, expected ${nearest}`);
    }
  }
});

Deno.test("twice the amplitude adds ln 4", () => {
  const samples = noise(8000), loud = logMel(samples.map((value) => 2 * value));
  logMel(samples).forEach((value, at) => close(loud[at] - value, Math.log(4), 1e-3));
});

Deno.test("a long recording is cropped about its centre, a short one centred in silence", () => {
  const samples = noise(9001);
  assert.deepEqual(logMel(samples), logMel(samples.subarray(500, 8500)));
  const short = noise(2000), padded = new Float32Array(8000);
  padded.set(short, 3000);
  assert.deepEqual(logMel(short), logMel(padded));
});

Deno.test("an empty recording is silence, one sample at the centre is heard there only", () => {
  assert.ok(logMel(new Float32Array()).every((value) => Math.abs(value - Math.log(1e-6)) < 1e-5));
  const click = logMel(Float32Array.of(1)); // sample 3999 of 0 to 7999: in frames 21 (3780 to 4035) and 22 only
  for (const t of [21, 22]) assert.ok(frame(click, t)[40] > -4, `frame ${t}`);
  for (const t of [0, 20, 23, 43]) assert.ok(Math.abs(frame(click, t)[40] - Math.log(1e-6)) < 0.1, `frame ${t}`);
});
