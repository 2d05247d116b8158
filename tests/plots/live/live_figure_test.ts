import assert from "node:assert/strict";
import { Window } from "happy-dom";
import { jupyterDisplay } from "braid/plots/live/cell_context.ts";
import { Figure } from "braid/plots/figure.ts";
import { drawInPage, PLOTLY_EVENT, PLOTLY_KEY, receivePlotly } from "braid/plots/live/in_page.ts";
import { broadcasts } from "../../notebook/fake_kernel.ts";

const figure = new Figure({
  title: 'a "b" </script><b>',
  description: "Points.",
  data: [{
    type: "scatter",
    x: [1],
    y: [1],
    marker: { color: "#222222", line: { color: "#0072B2" } },
    fillcolor: "#CC79A7",
    textfont: { color: "#99C7E0" },
  }, {
    type: "scatter",
    name: "on scale",
    x: [1],
    y: [1],
    textfont: { color: "#222222" },
  }, {
    type: "heatmap",
    z: [[1]],
    colorscale: [[0, "#FFFFFF"], [1, "#000000"]],
  }],
});

/** What plotly.js is given in a page. */
interface Drawn {
  data: {
    marker: { color: string; line: { color: string } };
    fillcolor: string;
    textfont: { color: string };
    colorscale: [number, string][];
  }[];
  layout: { paper_bgcolor: string; template: { layout: { paper_bgcolor: string; font: { color: string } } } };
}

/** A page that runs the scripts of what it shows, as a front end does. */
function openPage({ body = "", plotly = true, caches }: { body?: string; plotly?: boolean; caches?: unknown } = {}) {
  const window = new Window({
    settings: { enableJavaScriptEvaluation: true, suppressInsecureJavaScriptEnvironmentWarning: true },
  });
  const drawn: Drawn[] = [];
  const Plotly = {
    react: (place: { textContent: string }, data: Drawn["data"], layout: Drawn["layout"]) => {
      place.textContent = "drawn";
      drawn.push({ data, layout });
    },
  };
  const load = () => Object.assign(window, { Plotly });
  Object.assign(window, { structuredClone, caches, loadPlotly: load });
  if (plotly) load();
  window.document.write(`<body ${body}>${figure.toHtml()}</body>`);
  const place = window.document.querySelector("[role=img]")!;
  return { window, drawn, place, load };
}

Deno.test("a page without scripts shows title, description and what to do, and a label ends no script", () => {
  const window = new Window();
  window.document.write(figure.toHtml());
  const place = window.document.querySelector("[role=img]")!;
  const words = 'a "b" </script><b>. Points.';
  assert.equal(place.textContent, `${words} To see this figure, restart the kernel and run the notebook.`);
  assert.equal(place.getAttribute("aria-label"), words);
  assert.equal(window.document.querySelectorAll("b").length, 0);
  assert.equal(window.document.querySelectorAll("script").length, 1);
  assert.doesNotMatch(figure.toHtml(), /https?:\/\//);
});

Deno.test("a page with plotly.js draws the figure as it is for a white page", () => {
  const { drawn, place } = openPage();
  assert.equal(place.textContent, "drawn");
  const { data, layout } = figure.toJSON();
  assert.deepEqual(drawn, [{ data, layout }]);
});

Deno.test("a figure waits for plotly.js, whatever comes first", () => {
  const { window, drawn, place, load } = openPage({ plotly: false });
  assert.match(place.textContent, /run the notebook/);
  load();
  window.document.dispatchEvent(new window.Event(PLOTLY_EVENT));
  window.document.dispatchEvent(new window.Event(PLOTLY_EVENT));
  assert.equal(place.textContent, "drawn");
  assert.equal(drawn.length, 1);
});

Deno.test("a page that was loaded anew takes plotly.js from its cache", async () => {
  const asked: string[] = [];
  const match = (key: string) => {
    asked.push(key);
    return Promise.resolve({ text: () => Promise.resolve("window.loadPlotly();") });
  };
  const { window, drawn, place } = openPage({ plotly: false, caches: { match } });
  await window.happyDOM.waitUntilComplete();
  await new Promise((resume) => setTimeout(resume, 20));
  assert.deepEqual([asked, drawn.length, place.textContent], [[PLOTLY_KEY], 1, "drawn"]);
});

Deno.test("in a dark theme of JupyterLab or VS Code paper and ink change places; scales stay, and what is on them", () => {
  for (const body of ['data-jp-theme-light="false"', 'class="vscode-dark"', 'class="vscode-high-contrast"']) {
    const { drawn: [{ data, layout }] } = openPage({ body: `${body} style="background-color: rgb(17, 17, 17)"` });
    assert.equal(layout.template.layout.paper_bgcolor, "#111111", body);
    assert.ok(parseInt(layout.template.layout.font.color.slice(1, 3), 16) > 180, layout.template.layout.font.color);
    assert.equal(data[0].marker.line.color, "#4095c5"); // a quarter of white in #0072B2
    assert.equal(data[0].fillcolor, "#cc79a7");
    assert.equal(data[0].textfont.color, "#0a3851"); // #0072B2 at 40 %, on #111111 instead of white
    assert.equal(data[1].textfont.color, "#222222"); // it stands on a scale
    assert.deepEqual(data[2].colorscale, [[0, "#FFFFFF"], [1, "#000000"]]);
  }
});

Deno.test("in a light theme the figure is white, whatever the system prefers", () => {
  for (const body of ['data-jp-theme-light="true"', 'class="vscode-light"', 'class="vscode-high-contrast-light"']) {
    assert.equal(openPage({ body }).drawn[0].layout.template.layout.paper_bgcolor, "#FFFFFF", body);
  }
});

Deno.test("a figure follows when the theme changes", async () => {
  const { window, drawn } = openPage({ body: 'data-jp-theme-light="true"' });
  window.document.body.setAttribute("data-jp-theme-light", "false");
  await new Promise((resume) => setTimeout(resume, 50));
  assert.equal(drawn.length, 2);
  assert.notEqual(drawn[1].layout.template.layout.paper_bgcolor, "#FFFFFF");
  await window.happyDOM.close();
});

Deno.test("plotly.js goes to the page once, whole, and nothing of it stays in the notebook", async () => {
  using kernel = broadcasts();
  await figure[jupyterDisplay]();
  await figure[jupyterDisplay]();
  assert.deepEqual(kernel.sent.map(({ type }) => type), ["display_data", "update_display_data"]);
  const [sent, left] = kernel.sent.map(({ content }) => content);
  assert.equal(sent.transient.display_id, left.transient.display_id);
  assert.deepEqual(Object.keys(left.data), ["text/plain"]);
  const [, packed] = /"([\w+/=]{1000,})"/.exec(sent.data["text/html"])!;
  const unpacked = new Blob([Uint8Array.fromBase64(packed)]).stream().pipeThrough(new DecompressionStream("gzip"));
  const { default: script } = await import("plotly.js-dist-min/plotly.min.js", { with: { type: "text" } });
  assert.equal(await new Response(unpacked).text(), script as unknown as string);
});

Deno.test("the name under which a page keeps plotly.js has the version of the one that is sent", async () => {
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("../../../deno.json", import.meta.url)));
  const [, version] = /@([\d.]+)\/$/.exec(imports["plotly.js-dist-min/"])!;
  assert.equal(PLOTLY_KEY, `/braid/plotly-${version}.min.js`);
});

Deno.test("functions that run in the page use nothing of this program", () => {
  for (const source of [drawInPage, receivePlotly]) assert.doesNotMatch(String(source), /PLOTLY_|\bimport\b/);
});
