// What runs in the reader's page. Each function is sent there as source text: it may use its arguments and the browser alone.

import type { Json, PlotlyLayout, PlotlySpec, PlotlyTrace } from "../spec.ts";

/** What is used of plotly.js, which ships no types. */
interface Plotly {
  react(
    place: HTMLElement,
    data: readonly PlotlyTrace[],
    layout: PlotlyLayout,
    config: { displaylogo: boolean },
  ): Promise<void>;
}

/** The page's global object. */
interface Page {
  Plotly?: Plotly;
  /** Set while plotly.js is being taken from the page's cache, so that one figure alone does it. */
  braidRestoring?: boolean;
}

/** Name of plotly.js in the page's cache, by which figures are live again after the page was loaded anew. */
export const PLOTLY_KEY = "/braid/plotly-3.7.0.min.js";

/** The event that tells waiting figures that plotly.js is there. */
export const PLOTLY_EVENT = "braid-plotly";

/**
 * Unpacks plotly.js, runs it, tells the figures that wait for it, and keeps it for when the page is loaded anew.
 *
 * @param packed The script, gzip and base64.
 * @param key {@linkcode PLOTLY_KEY}.
 * @param event {@linkcode PLOTLY_EVENT}.
 */
export async function receivePlotly(packed: string, key: string, event: string): Promise<void> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const code = await new Response(unpacked).text();
  if (!(globalThis as Page).Plotly) {
    const script = document.createElement("script");
    script.textContent = code;
    document.head.append(script);
  }
  document.dispatchEvent(new Event(event));
  // Pages without a secure connection or storage lack the cache: their figures wait for the next run.
  await globalThis.caches?.open("braid").then((cache) => cache.put(key, new Response(code))).catch(() => {});
}

/**
 * Draws a figure in the place of its words as soon as plotly.js is there, in the page's light or dark theme.
 *
 * @param place Element whose content gives way to the drawing.
 * @param figure The figure, for a white page.
 * @param key {@linkcode PLOTLY_KEY}.
 * @param event {@linkcode PLOTLY_EVENT}.
 * @param full Colours that are no tints, however pale, as `#RRGGBB`.
 * @param onScale Name of what keeps its colours in a dark page, as scales do.
 */
export function drawInPage(
  place: HTMLElement,
  figure: PlotlySpec,
  key: string,
  event: string,
  full: readonly string[],
  onScale: string,
): void {
  const page = globalThis as Page, { body } = document;
  const preference = matchMedia("(prefers-color-scheme: dark)");

  if (page.Plotly) start();
  else {
    document.addEventListener(event, start, { once: true });
    if (!page.braidRestoring) restorePlotly();
  }

  function start() {
    place.textContent = "";
    draw();
    const observer = new MutationObserver(drawAgain);
    observer.observe(body, { attributeFilter: ["class", "data-jp-theme-light"] });
    preference.addEventListener("change", drawAgain);
    function drawAgain() {
      if (place.isConnected) return draw();
      observer.disconnect();
      preference.removeEventListener("change", drawAgain);
    }
  }

  function draw() {
    const { data, layout } = isDark() ? recolored(figure, background(place)) : figure;
    // plotly.js writes into what it is given.
    page.Plotly!.react(place, structuredClone(data), structuredClone(layout), { displaylogo: false });
  }

  async function restorePlotly() {
    page.braidRestoring = true;
    try {
      const kept = await globalThis.caches?.match(key);
      if (!kept || page.Plotly) return;
      const script = document.createElement("script");
      script.textContent = await kept.text();
      document.head.append(script);
      document.dispatchEvent(new Event(event));
    } catch {
      // The words stay.
    } finally {
      page.braidRestoring = false;
    }
  }

  /** JupyterLab and VS Code mark the body; other pages follow the system. */
  function isDark() {
    const light = body.dataset.jpThemeLight, has = (name: string) => body.classList.contains(name);
    if (light !== undefined) return light === "false";
    if (has("vscode-light") || has("vscode-high-contrast-light")) return false;
    return has("vscode-dark") || has("vscode-high-contrast") || preference.matches;
  }

  /** The colour behind an element, red, green and blue. */
  function background(element: Element | null): number[] {
    for (; element; element = element.parentElement) {
      const [red, green, blue, alpha = 1] = getComputedStyle(element).backgroundColor.match(/[\d.]+/g)?.map(Number) ??
        [];
      if (blue !== undefined && alpha === 1) return [red, green, blue];
    }
    return [17, 17, 17];
  }

  /** The figure with other greys and tints; scales stay, and what stands on them. */
  function recolored<T>(value: T, paper: number[], name = ""): T {
    if (typeof value === "string") {
      const isColor = /^#[\da-f]{6,8}$/i.test(value) || value.includes("color:");
      return (isColor ? value.replace(/#[\da-f]{6}/gi, (color) => onDark(color, paper)) : value) as T;
    }
    if (typeof value !== "object" || value === null || name === "colorscale") return value;
    if (Array.isArray(value)) return value.map((entry) => recolored(entry, paper)) as T;
    const attributes = value as Record<string, Json>, entries = Object.entries(attributes);
    if (attributes.name === onScale) return value;
    return Object.fromEntries(entries.map(([name, entry]) => [name, recolored(entry, paper, name)])) as T;
  }

  /** Greys change places between paper and ink, tints are mixed with the paper instead of white, dark colours are lightened. */
  function onDark(color: string, paper: number[]) {
    const channels = [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16));
    const least = Math.min(...channels), most = Math.max(...channels), ink = 230;
    const mixed = channels.map((value, i) => {
      if (most - least <= 8) return paper[i] + (1 - value / 255) * (ink - paper[i]);
      if (least > 95 && !full.includes(color.toUpperCase())) return value - least + paper[i] * least / 255;
      return most < 200 ? value + (255 - value) / 4 : value;
    });
    return `#${mixed.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("")}`;
  }
}
