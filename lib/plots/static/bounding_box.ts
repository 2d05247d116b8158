// Boxes of SVG elements computed from their attributes: what a browser's layout would answer.

import SVGPathCommander from "svg-path-commander";
import {
  applyToPoints,
  compose,
  fromDefinition,
  fromTransformAttribute,
  identity,
  type Matrix,
} from "transformation-matrix";
import { ascent, descent, type TextFont, textReach, textWidth } from "./text_metrics.ts";

/** An axis-parallel rectangle in pixels, y downwards. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * Box of an element in its own coordinates, as `getBBox()` gives it: stroke and own transform left out, those of children applied.
 *
 * @param element An SVG element.
 * @returns Its box, or `undefined` if it draws nothing.
 */
export function boundingBox(element: Element): Box | undefined {
  if (own(element, "display") === "none") return undefined;
  const at = (attribute: string) => length(element.getAttribute(attribute), 0);
  switch (element.localName) {
    case "defs":
    case "clipPath":
    case "style":
      return undefined;
    case "text":
    case "tspan":
      return textBox(element);
    case "rect":
    case "image":
      return { x: at("x"), y: at("y"), width: at("width"), height: at("height") };
    case "circle":
      return { x: at("cx") - at("r"), y: at("cy") - at("r"), width: 2 * at("r"), height: 2 * at("r") };
    case "line":
      return around([{ x: at("x1"), y: at("y1") }, { x: at("x2"), y: at("y2") }]);
    case "path":
      return pathBox(element.getAttribute("d"));
    default:
      return union(Array.from(element.children, (child) => transformed(child, ownMatrix(child))));
  }
}

/**
 * Box of an element in the coordinates of its outermost `<svg>`, as `getBoundingClientRect()` gives it.
 *
 * @param element An SVG element.
 * @returns Its box, or `undefined` if it draws nothing.
 */
export function pageBox(element: Element): Box | undefined {
  const matrices: Matrix[] = [];
  for (let node: Element | null = element; node && node.localName !== "svg"; node = node.parentElement) {
    matrices.unshift(ownMatrix(node));
  }
  return transformed(element, compose(identity(), ...matrices));
}

/** The smallest box around points; `undefined` if there is none. */
function around(points: readonly { x: number; y: number }[]): Box | undefined {
  if (points.length === 0) return undefined;
  const x = Math.min(...points.map((point) => point.x)), y = Math.min(...points.map((point) => point.y));
  return {
    x,
    y,
    width: Math.max(...points.map((point) => point.x)) - x,
    height: Math.max(...points.map((point) => point.y)) - y,
  };
}

const corners = ({ x, y, width, height }: Box) => [
  { x, y },
  { x: x + width, y },
  { x, y: y + height },
  { x: x + width, y: y + height },
];

const union = (boxes: (Box | undefined)[]) => around(boxes.flatMap((box) => box ? corners(box) : []));

function transformed(element: Element, matrix: Matrix): Box | undefined {
  const box = boundingBox(element);
  return box && around(applyToPoints(matrix, corners(box)));
}

const matrices = new Map<string, Matrix>();

/** The matrix of an element's `transform` attribute. */
export function ownMatrix(element: Element): Matrix {
  const attribute = element.getAttribute("transform");
  if (!attribute) return identity();
  let matrix = matrices.get(attribute);
  if (!matrix) {
    const spaced = attribute.replaceAll(")", ") "); // browsers need no space between two transforms, the parser does
    matrices.set(attribute, matrix = compose(fromDefinition(fromTransformAttribute(spaced.trim()))));
  }
  return matrix;
}

function pathBox(d: string | null): Box | undefined {
  if (!d) return undefined;
  const { x, y, width, height } = SVGPathCommander.getPathBBox(d);
  return { x, y, width, height };
}

/**
 * Length of a text along its baseline, as `getComputedTextLength()` gives it.
 *
 * @param text A `<text>` or `<tspan>`.
 * @returns Sum of its letters' advance widths.
 */
export const textLength = (text: Element): number =>
  linesOf(text).flatMap(({ runs }) => runs).reduce((sum, { width }) => sum + width, 0);

/** One stretch of text in one font, before its line is anchored; `left` and `right` are where it reaches from its start. */
interface Run {
  width: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The runs that share an anchor point: a `<text>`, or a `<tspan>` with its own x. */
interface Line {
  x: number;
  runs: Run[];
}

function textBox(text: Element): Box | undefined {
  const anchor = property(text, "text-anchor");
  return union(linesOf(text).map((line) => lineBox(line, anchor)));
}

function linesOf(text: Element): Line[] {
  const lines: Line[] = [{ x: 0, runs: [] }];
  let baseline = 0;
  const read = (element: Element) => {
    const { size, bold } = font(element), x = element.getAttribute("x"), y = element.getAttribute("y");
    if (x !== null) lines.push({ x: length(x, size), runs: [] });
    if (y !== null) baseline = length(y, size);
    baseline += length(element.getAttribute("dy"), size);
    for (const child of Array.from(element.childNodes)) {
      if (isElement(child)) read(child);
      else if (child.textContent) {
        const width = textWidth(child.textContent, { size, bold });
        const reach = textReach(child.textContent, { size, bold });
        const run = { ...reach, width, top: baseline - ascent(size), bottom: baseline + descent(size) };
        if (width > 0) lines.at(-1)!.runs.push(run);
      }
    }
  };
  read(text);
  return lines;
}

function lineBox({ x, runs }: Line, anchor: string | undefined): Box | undefined {
  if (runs.length === 0) return undefined;
  const width = runs.reduce((sum, run) => sum + run.width, 0);
  let pen = x - (anchor === "middle" ? width / 2 : anchor === "end" ? width : 0), left = pen, right = pen;
  for (const run of runs) {
    left = Math.min(left, pen + run.left);
    right = Math.max(right, pen + run.right);
    pen += run.width;
  }
  const top = Math.min(...runs.map((run) => run.top)), bottom = Math.max(...runs.map((run) => run.bottom));
  return { x: left, y: top, width: right - left, height: bottom - top };
}

const isElement = (node: Node): node is Element => node.nodeType === 1;

/** Own value of a presentation property: the style attribute wins over the attribute of that name. */
function own(element: Element, name: string): string | undefined {
  const style = (element as SVGElement).style?.getPropertyValue(name);
  return style || element.getAttribute(name) || undefined;
}

/** Value of an inherited presentation property. */
function property(element: Element, name: string): string | undefined {
  for (let node: Element | null = element; node; node = node.parentElement) {
    const value = own(node, name);
    if (value) return value;
  }
  return undefined;
}

/** SVG's initial font size. */
const INITIAL_SIZE = 16;

function font(element: Element): TextFont {
  const weight = property(element, "font-weight");
  return { size: fontSize(element), bold: weight === "bold" || Number(weight) >= 600 };
}

function fontSize(element: Element | null): number {
  if (!element) return INITIAL_SIZE;
  const value = own(element, "font-size");
  if (!value) return fontSize(element.parentElement);
  return value.endsWith("%") || value.endsWith("em")
    ? length(value, fontSize(element.parentElement))
    : length(value, INITIAL_SIZE);
}

/** A length in pixels; `em` and `%` are of the given size. */
function length(value: string | null, size: number): number {
  const number = parseFloat(value ?? "0");
  if (!Number.isFinite(number)) return 0;
  return value?.endsWith("%") ? number / 100 * size : value?.endsWith("em") ? number * size : number;
}
