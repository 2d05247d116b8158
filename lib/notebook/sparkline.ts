/** A curve in one line of text, at most 24 signs. */
export function sparkline(values: readonly number[]): string {
  const every = Math.max(1, Math.ceil(values.length / 24)), shown = values.filter((_, i) => i % every === 0);
  const low = Math.min(...shown), high = Math.max(...shown);
  const level = (value: number) => high > low ? Math.round((value - low) / (high - low) * 7) : 0;
  return shown.map((value) => "▁▂▃▄▅▆▇█"[level(value)]).join("");
}
