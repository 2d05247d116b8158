// A page without a screen: happy-dom has no layout, so the answers that Plotly needs from one are computed here.

import type { ICanvasAdapter, Window as HappyWindow } from "happy-dom";
import SVGPathCommander from "svg-path-commander";
import { boundingBox, type Box, ownMatrix, pageBox, textLength } from "./bounding_box.ts";
import { PixelContext } from "./canvas.ts";

/**
 * Opens a window whose SVG elements know their boxes, text widths and path lengths, and whose canvases hold pixels.
 * The page lives in a context of its own: nothing is added to the globals of the program.
 *
 * @returns The window; `window.eval(script)` runs a script in it.
 */
export async function openWindow(): Promise<HappyWindow> {
  const { Window } = await import("happy-dom");
  const window = new Window({
    settings: {
      enableJavaScriptEvaluation: true,
      suppressInsecureJavaScriptEnvironmentWarning: true,
      disableComputedStyleRendering: true,
      canvasAdapter: canvasAdapter(),
    },
  });
  measurable(window);
  return window;
}

/** Gives all SVG elements of a window their geometry. */
function measurable(window: HappyWindow): void {
  const rectangle = ({ x, y, width, height }: Box = NOTHING) => new window.DOMRect(x, y, width, height);
  const d = (path: Element) => path.getAttribute("d") ?? "M0 0";
  Object.assign(window.SVGElement.prototype, {
    getBoundingClientRect(this: Element) {
      return rectangle(this.localName === "svg" ? viewport(this) : pageBox(this));
    },
  });
  Object.assign(window.SVGGraphicsElement.prototype, {
    getBBox(this: Element) {
      return rectangle(boundingBox(this));
    },
  });
  Object.defineProperty(window.SVGGraphicsElement.prototype, "transform", {
    get(this: Element) {
      const consolidate = () => this.hasAttribute("transform") ? { matrix: ownMatrix(this) } : null;
      return { baseVal: { consolidate } };
    },
  });
  for (const text of [window.SVGTextElement, window.SVGTSpanElement]) {
    Object.assign(text.prototype, {
      getComputedTextLength(this: Element) {
        return textLength(this);
      },
    });
  }
  Object.assign(window.SVGGeometryElement.prototype, {
    getTotalLength(this: Element) {
      return SVGPathCommander.getTotalLength(d(this));
    },
    getPointAtLength(this: Element, distance: number) {
      return SVGPathCommander.getPointAtLength(d(this), distance);
    },
  });
}

const NOTHING: Box = { x: 0, y: 0, width: 0, height: 0 };

const viewport = (svg: Element): Box => ({
  ...NOTHING,
  width: parseFloat(svg.getAttribute("width") ?? "0"),
  height: parseFloat(svg.getAttribute("height") ?? "0"),
});

/** Canvases that paint with {@linkcode PixelContext}; there is no webgl. */
function canvasAdapter(): ICanvasAdapter {
  const contexts = new WeakMap<object, PixelContext>();
  const contextOf = (canvas: { width: number; height: number }) => {
    let context = contexts.get(canvas);
    if (!context) contexts.set(canvas, context = new PixelContext(canvas));
    return context;
  };
  return {
    getContext: ({ canvas }, type) =>
      (type === "2d" ? contextOf(canvas) : null) as ReturnType<ICanvasAdapter["getContext"]>,
    toDataURL: ({ canvas }) => contextOf(canvas).toDataURL(),
    toBlob: (_, callback) => callback(null),
  };
}
