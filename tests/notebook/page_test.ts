import assert from "node:assert/strict";
import { Window } from "happy-dom";
import { createNotebook, type Notebook, type Output } from "braid/jupyter/notebook_file.ts";
import { notebookToHtml } from "braid/notebook/page.ts";

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==\n";

function notebookWith(...outputs: Output[]): Notebook {
  const notebook = createNotebook(["if (1 < 2) console.log('a & b');"]);
  Object.assign(notebook.cells[0], { execution_count: 7, outputs });
  return notebook;
}

/** The page's document, as a browser without scripts sees it. */
function open(notebook: Notebook) {
  const window = new Window();
  window.document.write(notebookToHtml(notebook, { title: 'On <b> & "c"' }));
  return window.document;
}

const display = (data: Record<string, unknown>): Output => ({ output_type: "display_data", data, metadata: {} });

Deno.test("a page shows text, code with its number, and outputs in order", () => {
  const notebook = notebookWith(
    { output_type: "stream", name: "stdout", text: "one\n" },
    display({ "text/plain": "two" }),
  );
  notebook.cells.unshift({ cell_type: "markdown", id: "t", source: "# Title\n\n$x^2$", metadata: {} });
  const document = open(notebook);
  assert.equal(document.title, 'On <b> & "c"');
  assert.equal(document.querySelector("h1")?.textContent, "Title");
  assert.equal(document.querySelectorAll("math").length, 1);
  assert.equal(document.querySelector(".code pre")?.textContent, "if (1 < 2) console.log('a & b');");
  assert.equal(document.querySelector(".number")?.textContent, "[7]");
  assert.deepEqual([...document.querySelectorAll(".hljs-keyword")].map((word) => word.textContent), ["if"]);
  assert.deepEqual([...document.querySelectorAll(".output pre")].map((pre) => pre.textContent), ["one", "two"]);
});

Deno.test("printed text, values and errors cannot become HTML", () => {
  const evil = "<script>alert(1)</script> & </pre>";
  const document = open(notebookWith(
    { output_type: "stream", name: "stderr", text: evil },
    display({ "text/plain": evil }),
    { output_type: "error", ename: "E", evalue: evil, traceback: [evil, "    at <anonymous>:1:2"] },
    display({ "image/png": PIXEL, "text/plain": `"><script>${evil}` }),
  ));
  assert.equal(document.querySelectorAll("script").length, 0);
  const texts = [...document.querySelectorAll(".output pre")].map((pre) => [pre.className, pre.textContent]);
  assert.deepEqual(texts, [["stderr", evil], ["result", evil], ["error", `${evil}\n    at <anonymous>:1:2`]]);
  assert.equal(document.querySelector("img")?.getAttribute("alt"), `"><script>${evil}`);
});

Deno.test("the richest form of a value is shown, pictures with their text as alternative", () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><text>é</text></svg>';
  const document = open(notebookWith(
    display({ "text/plain": "a table", "text/html": "<table><tr><td>1</td></tr></table>" }),
    display({ "text/plain": "a drawing", "image/svg+xml": svg, "image/png": PIXEL }),
    display({ "text/plain": "a picture", "image/png": PIXEL }),
    display({ "text/plain": "x", "text/markdown": "*strong*" }),
    display({ "text/plain": "x", "text/latex": "$$x$$" }),
    display({ "application/x-unknown": "x" }),
  ));
  assert.equal(document.querySelector("td")?.textContent, "1");
  const images = [...document.querySelectorAll("img")].map((
    image,
  ) => [image.getAttribute("alt"), image.getAttribute("src")]);
  const encoded = btoa(String.fromCharCode(...new TextEncoder().encode(svg)));
  assert.deepEqual(images, [
    ["a drawing", `data:image/svg+xml;base64,${encoded}`],
    ["a picture", `data:image/png;base64,${PIXEL.trim()}`],
  ]);
  assert.equal(document.querySelector("em")?.textContent, "strong");
  assert.equal(document.querySelectorAll("math").length, 1);
  assert.equal(document.querySelectorAll(".output pre").length, 0);
});

Deno.test("a figure is a picture that Plotly may replace when its file lies beside the page", () => {
  const spec = { data: [{ x: [1, 2] }], layout: { title: { text: "</script><b>" } } };
  const figure = display({ "application/vnd.plotly.v1+json": spec, "image/png": PIXEL, "text/plain": "rising" });
  const document = open(notebookWith(figure));
  assert.equal(document.querySelector("figure img")?.getAttribute("alt"), "rising");
  assert.deepEqual(JSON.parse(document.querySelector("figure script")!.textContent), spec);
  assert.equal(document.querySelector("script[src]")?.getAttribute("src"), "plotly.min.js");
  assert.equal(open(notebookWith()).querySelector("script"), null);
});

Deno.test("a page asks no other place for anything", () => {
  const figure = display({ "application/vnd.plotly.v1+json": { data: [] }, "image/png": PIXEL });
  const page = notebookToHtml(notebookWith(figure), { title: "t" });
  assert.deepEqual([...page.matchAll(/(?:src|href)="([^"]{0,20})|url\(|@import/g)].map((match) => match[1]), [
    "data:image/png;base6",
    "plotly.min.js",
  ]);
});

Deno.test("terminal codes and overwritten lines do not show", () => {
  const text = "\x1b[31mred\x1b[0m\n10 %\r50 %\r100 %\r\nend\r\n";
  const document = open(notebookWith({ output_type: "stream", name: "stdout", text }));
  assert.equal(document.querySelector(".output pre")?.textContent, "red\n100 %\nend");
});

Deno.test("empty cells and raw cells leave no trace", () => {
  const notebook = createNotebook(["", "  \n"]);
  notebook.cells.push({ cell_type: "raw", id: "r", source: "\\latex", metadata: {} });
  assert.equal(open(notebook).querySelectorAll(".cell").length, 0);
});
