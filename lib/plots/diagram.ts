// Boxes and arrows: a model with the shapes of its tensors written on the arrows.

import { tint } from "./colors.ts";
import { Figure } from "./figure.ts";
import { edgeMargin, type FigureText, INNER_WIDTH, pixelAxes, requireSome, widest } from "./parts.ts";
import type { Json, PlotlyTrace } from "./spec.ts";
import { LINE_HEIGHT } from "./static/text_metrics.ts";
import { INK, SIZES } from "./theme.ts";

/** A box, placed on a grid of columns and rows. */
export interface DiagramBox {
  /** By which arrows name it. */
  id: string;
  /** Its text; `<br>` begins a new line. */
  text: string;
  /** Column, from 0 at the left. */
  column: number;
  /** Row, from 0 at the top. */
  row: number;
  /** Number of columns that it fills, from `column` on. Default: as wide as its text, within one. */
  span?: number;
  /** Colour of its outline and, lighter, of its inside: `#rrggbb`. Default grey. */
  color?: string;
  /** Drawn as left out: dashed and empty. */
  absent?: boolean;
}

/** An arrow from one box to another. */
export interface DiagramArrow {
  /** Where it begins. */
  from: string;
  /** Where it ends. */
  to: string;
  /** Written beside it, such as the shape "[B, 3, 64, 64]". */
  label?: string;
}

/** Options of {@linkcode diagram}. */
export interface DiagramOptions extends FigureText {
  /** What the drawing shows, for those who cannot see it. */
  description: string;
  /** The boxes. */
  boxes: readonly DiagramBox[];
  /** The arrows. Default none. */
  arrows?: readonly DiagramArrow[];
}

/** Pixels: inside padding of a box, least gaps between columns and rows, and between rows that an arrow joins. */
const PADDING = { x: 10, y: 6 }, GAP = 24, ROW_GAP = 12, ARROW_GAP = 34;

/** Pixels: most room that a gap between columns grows to, and between an arrow and its label. */
const MAX_GAP = 90, LABEL_GAP = 6;

/** A box with its size in pixels. */
interface Sized extends DiagramBox {
  width: number;
  height: number;
}

/** A box with its centre in pixels. */
interface Placed extends Sized {
  x: number;
  y: number;
}

/** An arrow with its boxes in place of their names. */
interface Join {
  from: Sized;
  to: Sized;
  label: number;
}

/**
 * Boxes joined by arrows on a grid that is spread over the figure's width.
 *
 * @param options Boxes, arrows and texts.
 * @returns The figure.
 * @throws {RangeError} If there is no box, an id is used twice or unknown, a place is not a whole number, or the columns are too
 *   wide together.
 *
 * @example
 * ```ts
 * import { diagram } from "braid/plots/diagram.ts";
 *
 * diagram({
 *   title: "An encoder turns a picture into tokens",
 *   description: "A picture goes through an encoder.",
 *   boxes: [
 *     { id: "x", text: "picture", column: 0, row: 0 },
 *     { id: "f", text: "encoder", column: 1, row: 0 },
 *   ],
 *   arrows: [{ from: "x", to: "f", label: "[B, 3, 64, 64]" }],
 * });
 * ```
 */
export function diagram(options: DiagramOptions): Figure {
  const { boxes, arrows = [], title, description, caption } = options;
  validate(boxes, arrows);
  const { placed, height } = place(boxes, arrows);
  return new Figure({
    title,
    description,
    caption,
    data: [frame],
    layout: {
      annotations: [
        ...arrows.flatMap((arrow) => arrowParts(placed.get(arrow.from)!, placed.get(arrow.to)!, arrow.label)),
        ...[...placed.values()].map(boxText),
      ],
      shapes: [...placed.values()].map(outline),
      ...pixelAxes(INNER_WIDTH, height),
    },
    height: height + edgeMargin.b,
    margin: edgeMargin,
  });
}

/** Plotly draws axes, and so everything placed by them, only where there is a trace. */
const frame: PlotlyTrace = { type: "scatter", x: [], y: [], hoverinfo: "skip", showlegend: false };

function validate(boxes: readonly DiagramBox[], arrows: readonly DiagramArrow[]): void {
  requireSome("boxes", boxes);
  const ids = new Set<string>();
  for (const { id, column, row, span = 1 } of boxes) {
    if (![column, row, span - 1].every((place) => Number.isInteger(place) && place >= 0)) {
      throw new RangeError(`Expected column, row and span of ${id} to be whole, got ${column}, ${row} and ${span}`);
    }
    if (ids.has(id)) throw new RangeError(`Expected every box to have its own id, got "${id}" twice`);
    ids.add(id);
  }
  for (const id of arrows.flatMap(({ from, to }) => [from, to])) {
    if (!ids.has(id)) throw new RangeError(`Expected arrows between ${[...ids].join(", ")}, got "${id}"`);
  }
}

/** All boxes where they stand, and the height of the drawing. */
function place(boxes: readonly DiagramBox[], arrows: readonly DiagramArrow[]) {
  const sized = boxes.map(withSize), byId = new Map(sized.map((box) => [box.id, box]));
  const joins = arrows.map(({ from, to, label }) => ({
    from: byId.get(from)!,
    to: byId.get(to)!,
    label: label ? widest([label], SIZES.tiny) : 0,
  }));
  const columns = columnTrack(sized, joins), rows = rowTrack(sized, joins);
  const placed = sized.map((box): Placed => {
    const left = columns[box.column].start, right = columns[lastColumn(box)].end, row = rows[box.row];
    return {
      ...box,
      x: (left + right) / 2,
      y: (row.start + row.end) / 2,
      width: box.span ? right - left : box.width,
    };
  });
  return { placed: new Map(placed.map((box) => [box.id, box])), height: rows.at(-1)!.end + 2 };
}

const LINE = SIZES.small * LINE_HEIGHT;

const withSize = (box: DiagramBox): Sized => ({
  ...box,
  width: widest([box.text], SIZES.small) + 2 * PADDING.x,
  height: box.text.split("<br>").length * LINE + 2 * PADDING.y,
});

const lastColumn = ({ column, span = 1 }: DiagramBox) => column + span - 1;

/** From where to where a column or a row reaches, in pixels. */
interface Track {
  start: number;
  end: number;
}

/** Columns as wide as their boxes and labels, spread over the figure's width. */
function columnTrack(boxes: readonly Sized[], joins: readonly Join[]): Track[] {
  const count = 1 + Math.max(...boxes.map(lastColumn));
  const sizes = Array.from({ length: count }, (_, column) =>
    Math.max(
      0,
      ...boxes.filter((box) => box.column <= column && column <= lastColumn(box)).map((box) =>
        box.width / (box.span ?? 1)
      ),
      ...joins.filter(({ from, to }) => from.row !== to.row && Math.max(from.column, to.column) === column)
        .map(({ label }) => 2 * (label + LABEL_GAP)),
    ));
  const gaps = Array.from({ length: count - 1 }, (_, column) =>
    Math.max(
      GAP,
      ...joins.filter(({ from, to }) => from.row === to.row && lastColumn(from) === column && to.column === column + 1)
        .map(({ label }) => label + 2 * LABEL_GAP + ARROW_HEAD),
    ));
  const free = INNER_WIDTH - sum(sizes) - sum(gaps);
  if (free < 0) {
    throw new RangeError(
      `Expected the columns to fit ${INNER_WIDTH} px, got ${
        Math.ceil(INNER_WIDTH - free)
      } px: use shorter texts or more rows`,
    );
  }
  const grown = gaps.map((gap) => Math.max(gap, Math.min(MAX_GAP, gap + free / count)));
  return track(sizes, grown, (INNER_WIDTH - sum(sizes) - sum(grown)) / 2);
}

/** Rows as high as their boxes, further apart where arrows join them. */
function rowTrack(boxes: readonly Sized[], joins: readonly Join[]): Track[] {
  const count = 1 + Math.max(...boxes.map(({ row }) => row));
  const sizes = Array.from(
    { length: count },
    (_, row) => Math.max(0, ...boxes.filter((box) => box.row === row).map(({ height }) => height)),
  );
  const gaps = Array.from({ length: count - 1 }, (_, row) => {
    const joined = joins.some(({ from, to }) => Math.min(from.row, to.row) <= row && row < Math.max(from.row, to.row));
    return joined ? ARROW_GAP : ROW_GAP;
  });
  return track(sizes, gaps, 2);
}

function track(sizes: readonly number[], gaps: readonly number[], start: number): Track[] {
  return sizes.map((size, i) => {
    const begin = start + sum(sizes.slice(0, i)) + sum(gaps.slice(0, i));
    return { start: begin, end: begin + size };
  });
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Boxes without a colour, and arrows. */
const GREY = "#6B6B6B", ARROW_HEAD = 8;

function outline({ x, y, width, height, color = GREY, absent }: Placed): Json {
  return {
    type: "rect",
    x0: x - width / 2,
    x1: x + width / 2,
    y0: y - height / 2,
    y1: y + height / 2,
    fillcolor: absent ? "#FFFFFF" : tint(color, 0.16),
    line: absent ? { color: INK.line, dash: "4px,3px", width: 1.2 } : { color, width: 1.4 },
  };
}

const boxText = ({ x, y, text, absent }: Placed): Json => ({
  font: { color: absent ? INK.muted : INK.text, size: SIZES.small },
  text,
  x,
  y,
});

/** An arrow between the edges of two boxes, and its label: above a level arrow, right of an upright one, on a slanted one. */
function arrowParts(from: Placed, to: Placed, label: string | undefined): Json[] {
  const a = { x: alongside(from, to, "x", "width"), y: alongside(from, to, "y", "height") };
  const b = { x: alongside(to, from, "x", "width"), y: alongside(to, from, "y", "height") };
  const tail = edge(from, a, b), head = edge(to, b, a);
  const arrow = {
    arrowcolor: GREY,
    arrowhead: 2,
    arrowwidth: 1.4,
    ax: tail.x,
    axref: "x",
    ay: tail.y,
    ayref: "y",
    showarrow: true,
    standoff: 1,
    text: "",
    ...head,
  };
  if (!label) return [arrow];
  const beside = head.y === tail.y
    ? { yanchor: "bottom", yshift: 1 }
    : head.x === tail.x
    ? { xanchor: "left", xshift: LABEL_GAP - 2 }
    : { bgcolor: "#FFFFFF" };
  return [arrow, {
    font: { color: INK.muted, size: SIZES.tiny },
    text: label,
    x: (tail.x + head.x) / 2,
    y: (tail.y + head.y) / 2,
    ...beside,
  }];
}

/** Where an arrow meets a box on one axis: at its centre, or at that of a smaller box beside it, so that arrows stay straight. */
function alongside(box: Placed, other: Placed, axis: "x" | "y", size: "width" | "height"): number {
  const within = Math.abs(box[axis] - other[axis]) < (box[size] - PADDING.x) / 2;
  return within && other[size] < box[size] ? other[axis] : box[axis];
}

/** Where the line from a point inside a box to another point leaves the box. */
function edge(box: Placed, inside: { x: number; y: number }, towards: { x: number; y: number }) {
  const dx = towards.x - inside.x, dy = towards.y - inside.y;
  const reach = (delta: number, from: number, centre: number, half: number) =>
    delta === 0 ? Infinity : (centre + Math.sign(delta) * half - from) / delta;
  const share = Math.min(reach(dx, inside.x, box.x, box.width / 2), reach(dy, inside.y, box.y, box.height / 2));
  return { x: inside.x + dx * share, y: inside.y + dy * share };
}
