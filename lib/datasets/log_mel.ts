// Log-mel spectrogram of one second of sound.

import FFT from "fft.js";

/** Shape of {@linkcode logMel}: bands, frames. */
export const LOG_MEL_SHAPE = [64, 44] as const;

const [BANDS, FRAMES] = LOG_MEL_SHAPE;
const RATE = 8000; // hertz; also the samples of one second
const WINDOW = 256;
const HOP = 180;
const FFT_SIZE = 512;
const BINS = FFT_SIZE / 2 + 1;
const FLOOR = 1e-6;

/**
 * Pitch in mel (HTK): $m = 2595 \log_{10}(1 + f / 700)$.
 *
 * @param hertz Frequency.
 * @returns Mel.
 */
export const hertzToMel = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700);

/**
 * Frequency of a pitch, the inverse of {@linkcode hertzToMel}.
 *
 * @param mel Pitch.
 * @returns Hertz.
 */
export const melToHertz = (mel: number): number => 700 * (10 ** (mel / 2595) - 1);

/**
 * Triangular filters whose corners are equally spaced in mel from 0 to 4000 Hz; each rises from the peak of the one
 * below to 1 and falls to the peak of the one above.
 *
 * @returns Weights, `[64, 257]`: band, FFT bin.
 */
export function melFilters(): Float64Array {
  const top = hertzToMel(RATE / 2), filters = new Float64Array(BANDS * BINS);
  const corner = (index: number) => melToHertz(top * index / (BANDS + 1));
  for (let band = 0; band < BANDS; band++) {
    const low = corner(band), peak = corner(band + 1), high = corner(band + 2);
    for (let bin = 0; bin < BINS; bin++) {
      const hertz = bin * RATE / FFT_SIZE;
      const weight = Math.min((hertz - low) / (peak - low), (high - hertz) / (high - peak));
      filters[band * BINS + bin] = Math.max(0, weight);
    }
  }
  return filters;
}

/**
 * Log-mel spectrogram of the middle second of a recording.
 *
 * $\ln(M \lvert\mathrm{FFT}_{512}(w \cdot x_t)\rvert^2 + 10^{-6})$ for frames $x_t$ of 256 samples that start every 180
 * samples, $w$ the periodic Hann window and $M$ the 64 mel filters. Frames lie wholly within the second, without
 * padding at its ends: $1 + \lfloor(8000 - 256) / 180\rfloor = 44$ of them. A longer recording is cropped about its
 * centre, a shorter one gets silence on both sides.
 *
 * @param samples Waveform at 8 kHz, -1 to 1, of any length.
 * @returns Natural logarithm of the band's power, `[64, 44]`: bands from low to high, frames in order of time.
 *
 * @example Silence is the logarithm of the floor.
 * ```ts
 * import { logMel } from "braid/datasets/log_mel.ts";
 * import assert from "node:assert/strict";
 *
 * const silence = logMel(new Float32Array(8000));
 * assert.equal(silence.length, 64 * 44);
 * assert.ok(silence.every((value) => Math.abs(value - Math.log(1e-6)) < 1e-5));
 * ```
 */
export function logMel(samples: Float32Array): Float32Array {
  const second = middleSecond(samples), result = new Float32Array(BANDS * FRAMES);
  const frame = new Array<number>(FFT_SIZE).fill(0), spectrum = TRANSFORM.createComplexArray();
  const power = new Float64Array(BINS);
  for (let t = 0; t < FRAMES; t++) {
    for (let n = 0; n < WINDOW; n++) frame[n] = HANN[n] * second[t * HOP + n];
    TRANSFORM.realTransform(spectrum, frame);
    for (let bin = 0; bin < BINS; bin++) power[bin] = spectrum[2 * bin] ** 2 + spectrum[2 * bin + 1] ** 2;
    for (let band = 0; band < BANDS; band++) result[band * FRAMES + t] = Math.log(bandPower(power, band) + FLOOR);
  }
  return result;
}

const TRANSFORM = new FFT(FFT_SIZE);

/** Periodic Hann window. */
const HANN = Float64Array.from({ length: WINDOW }, (_, n) => 0.5 - 0.5 * Math.cos(2 * Math.PI * n / WINDOW));

/** A filter without the zeros around it. */
const TRIMMED = Array.from({ length: BANDS }, (_, band) => {
  const filter = melFilters().subarray(band * BINS, (band + 1) * BINS);
  const first = filter.findIndex((weight) => weight > 0), end = filter.findLastIndex((weight) => weight > 0) + 1;
  return { first, weights: filter.slice(first, end) };
});

function bandPower(power: Float64Array, band: number): number {
  const { first, weights } = TRIMMED[band];
  let sum = 0;
  for (let tap = 0; tap < weights.length; tap++) sum += weights[tap] * power[first + tap];
  return sum;
}

function middleSecond(samples: Float32Array): Float32Array {
  const second = new Float32Array(RATE), surplus = samples.length - RATE;
  if (surplus >= 0) second.set(samples.subarray(surplus >> 1, (surplus >> 1) + RATE));
  else second.set(samples, -surplus >> 1);
  return second;
}
