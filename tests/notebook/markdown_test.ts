import assert from "node:assert/strict";
import { renderMarkdown } from "braid/notebook/markdown.ts";

/** The TeX sources of all formulas in a page; KaTeX keeps each beside its MathML. */
const formulas = (html: string) =>
  [...html.matchAll(/<annotation encoding="application\/x-tex">(.*?)<\/annotation>/gs)]
    .map((match) => match[1]);

Deno.test("a formula is MathML, and nothing in it is Markdown", () => {
  const html = renderMarkdown("Let $a_i * b_i * c$ and *this* $\\{x\\}$.");
  assert.deepEqual(formulas(html), ["a_i * b_i * c", "\\{x\\}"]);
  assert.match(html, /<msub><mi>a<\/mi><mi>i<\/mi><\/msub>/);
  assert.equal(html.match(/<em>/g)?.length, 1);
  assert.doesNotMatch(html, /katex-html/);
});

Deno.test("a displayed formula may span lines that look like a list or a heading", () => {
  const html = renderMarkdown("Text\n$$\na\n- b\n\n+ c\n= \\sum_{k}\n$$\nmore");
  assert.deepEqual(formulas(html), ["\na\n- b\n\n+ c\n= \\sum_{k}\n"]);
  assert.match(html, /^<p>Text<\/p>.*<math[^>]* display="block".*<p>more<\/p>\n$/s);
  assert.match(renderMarkdown("Inline $$x$$ here"), /<p>Inline .*display="block".* here<\/p>/);
  assert.match(renderMarkdown("- $$x$$\n- b"), /<li>.*display="block".*<\/li>\n<li>b<\/li>/s);
});

Deno.test("dollars that are no formula stay dollars", () => {
  for (
    const text of ["5$ and 6$", "\\$a\\$", "`$a$`", "costs $5 or $6", "$ a $", "```\n$$a$$\n```", "    $$a$$", "$"]
  ) {
    const html = renderMarkdown(text);
    assert.deepEqual(formulas(html), [], text);
    assert.match(html, /\$/);
  }
});

Deno.test("comparisons in formulas are escaped", () => {
  const html = renderMarkdown("$a < b & c$ and $x<y$");
  assert.doesNotMatch(html, /<y|a < b/);
});

Deno.test("a formula with a mistake is shown with its source", () => {
  assert.match(renderMarkdown("$\\frac{a}$ and $b$"), /\\frac\{a\}.*<mi>b<\/mi>/s);
});

Deno.test("tables, HTML and headings with an address pass", () => {
  assert.match(renderMarkdown("|a|b|\n|-|-|\n|1|2|"), /<td>1<\/td>/);
  assert.match(renderMarkdown("<details><summary>More</summary>\n\n*x*\n\n</details>"), /<details>.*<em>x<\/em>/s);
  assert.match(renderMarkdown("## What *is* it? Ünïque"), /<h2 id="what-is-it-ünïque">/);
  assert.equal(renderMarkdown(""), "");
});
