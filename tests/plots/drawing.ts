// Reads a figure's drawing back: elements, texts and their boxes in the figure's pixels.

import type { Figure } from "braid/plots/figure.ts";
import { type Box, pageBox } from "braid/plots/static/bounding_box.ts";
import { openWindow } from "braid/plots/static/dom.ts";

const window = await openWindow();

/** The SVG document of a figure. */
export async function draw(figure: Figure): Promise<Element> {
  const place = window.document.createElement("div");
  place.innerHTML = await figure.toSvg();
  return place.querySelector("svg") as unknown as Element;
}

/** All elements that a selector finds. */
export const all = (svg: Element, selector: string): Element[] => Array.from(svg.querySelectorAll(selector));

/** Boxes of all elements that a selector finds. */
export const boxes = (svg: Element, selector: string): Box[] =>
  all(svg, selector).flatMap((found) => pageBox(found) ?? []);

/** Every text that is drawn, lines joined by spaces, with its box. */
export function texts(svg: Element): { text: string; box: Box }[] {
  return all(svg, "text").flatMap((element) => {
    const lines = Array.from(element.querySelectorAll("tspan.line"), (line) => line.textContent);
    const text = (lines.length > 0 ? lines.join(" ") : element.textContent ?? "").replaceAll("\u00a0", " ").trim();
    const box = pageBox(element);
    return box && text ? [{ text, box }] : [];
  });
}

/** The box of the text that reads so. */
export function textBox(svg: Element, wanted: string): Box {
  const found = texts(svg).find(({ text }) => text === wanted);
  if (!found) throw new Error(`Expected a text "${wanted}", got ${texts(svg).map(({ text }) => text).join(" | ")}`);
  return found.box;
}

export const right = ({ x, width }: Box): number => x + width;
export const bottom = ({ y, height }: Box): number => y + height;
export const centre = ({ x, y, width, height }: Box) => ({ x: x + width / 2, y: y + height / 2 });
