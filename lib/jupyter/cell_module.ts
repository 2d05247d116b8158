/**
 * A notebook as one TypeScript module.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { type CellStatement, parseCell, syntaxErrorOf } from "./cell_source.ts";
import { type CodeCell, codeCells, hasTag, type Notebook } from "./notebook_file.ts";

/** Where the beginning of a line of a module comes from. */
interface Origin {
  /** Number of the cell, counted from 1 over those with code. */
  cell: number;
  /** Line in the cell, from 1. */
  line: number;
  /** Column in the cell, from 0. */
  column: number;
}

/** A notebook as one module. */
export interface CellModule {
  text: string;
  /** Where each line of the text comes from: lines of no cell from nowhere, an import of several cells from each of them. */
  origins: Origin[][];
  /** Cells that do not parse; the module lacks them. */
  syntaxErrors: { cell: number; line: number; message: string }[];
}

/** Options of {@linkcode toModule}. */
export interface CellModuleOptions {
  /** Folder of the notebook, from which relative imports are resolved. Default: they stay, for a module in that folder. */
  folder?: string;
  /** Whether somebody still writes the last cell: it may be without an end. Default false. */
  unfinished?: boolean;
}

/**
 * The cells of a notebook as one TypeScript module, line by line.
 *
 * A kernel lets a later cell declare a name again. In a module, that is what a nested block may do: a cell that declares a
 * known name opens a new one, which lasts to the end. Imports move to the top.
 *
 * @param notebook Notebook whose cells are wanted.
 * @param options What becomes of relative imports and of a cell that is being written.
 *
 * @example
 * ```ts
 * import { toModule } from "braid/jupyter/cell_module.ts";
 * import { createNotebook } from "braid/jupyter/notebook_file.ts";
 * import assert from "node:assert/strict";
 *
 * const { text } = toModule(createNotebook(["const a = 1;", 'const a = "x";']));
 * assert.equal(text, 'export {};\n{\nconst a = 1;\n;\n{\nconst a = "x";\n;\n}\n}\n');
 * ```
 */
export function toModule(notebook: Notebook, { folder, unfinished = false }: CellModuleOptions = {}): CellModule {
  const imports = new Map<string, Line[]>(), body: Line[] = [], syntaxErrors: CellModule["syntaxErrors"] = [];
  const declared = new Set<string>(), cells = codeCells(notebook);
  let depth = 0, widening: string[] = [];
  const open = () => {
    body.push({ text: "{", origins: [] });
    depth++;
  };

  open();
  for (const [index, cell] of cells.entries()) {
    const statements = parseOrReport(cell, index + 1, syntaxErrors) ??
      (unfinished && index === cells.length - 1 ? wholeImports(cell.source) : undefined);
    if (!statements) continue;
    const at = (line: number, column: number): Origin[] =>
      hasTag(cell, "raises-exception") ? [] : [{ cell: index + 1, line, column }];
    for (const lines of statements.flatMap((statement) => importsOf(statement, cell.source, at, folder))) {
      const text = lines.map((line) => line.text).join("\n"), known = imports.get(text);
      if (known) known.forEach(({ origins }, i) => origins.push(...lines[i].origins));
      else imports.set(text, lines);
    }
    const names = statements.flatMap(declaredNames);
    if (names.some((name) => declared.has(name))) open();
    for (const name of names) declared.add(name);
    const lines = blockText(cell.source, statements, folder).split("\n");
    body.push(...lines.map((text, i) => ({ text, origins: at(i + 1, 0) })), { text: ";", origins: [] });
    if (hasTag(cell, "parameters")) widening = statements.flatMap((statement) => wideningLines(statement, cell.source));
    if (hasTag(cell, "parameters") || hasTag(cell, "injected-parameters")) {
      body.push(...widening.map((text) => ({ text, origins: [] })));
    }
  }
  const end = Array<Line>(depth).fill({ text: "}", origins: [] });
  const lines = [{ text: "export {};", origins: [] }, ...[...imports.values()].flat(), ...body, ...end];
  const text = lines.map((line) => line.text + "\n").join("");
  return { text, origins: lines.map((line) => line.origins), syntaxErrors };
}

interface Line {
  text: string;
  origins: Origin[];
}

function parseOrReport(
  cell: CodeCell,
  number: number,
  errors: CellModule["syntaxErrors"],
): CellStatement[] | undefined {
  try {
    return parseCell(cell.source);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const line = Number(error.message.match(/\((\d+):\d+\)$/)?.[1] ?? 1);
    if (!hasTag(cell, "raises-exception")) errors.push({ cell: number, line, message: error.message });
    return undefined;
  }
}

/** The imports of code that does not parse as a whole. */
function wholeImports(source: string): CellStatement[] {
  const matches = source.matchAll(/^[ \t]*import\b[^"'`();]*(["'])[^"'\n]+\1;?/gm);
  return Array.from(matches).flatMap(({ 0: text, index }) => {
    const alone = source.slice(0, index).replace(/[^\n]/g, " ") + text; // it keeps its place
    return syntaxErrorOf(alone) === undefined ? parseCell(alone) : [];
  });
}

/**
 * One import for each imported name: the same name imported by two cells is then the same import twice. What comes from the
 * cell begins a line.
 */
function importsOf(
  statement: CellStatement,
  source: string,
  at: (line: number, column: number) => Origin[],
  folder?: string,
): Line[][] {
  if (statement.type !== "ImportDeclaration") return [];
  const line = (text: string, node?: { loc?: { start: { line: number; column: number } } | null }): Line => ({
    text: text.replaceAll("\n", " "),
    origins: node ? at(node.loc!.start.line, node.loc!.start.column) : [],
  });
  const word = statement.importKind === "type" ? "import type" : "import";
  const attributes = source.slice(statement.source.end!, statement.end!).replace(/;$/, "");
  const module = absoluteImports(JSON.stringify(statement.source.value), folder) + attributes + ";"; // however it was written
  const from = () => line(module, statement.source);
  if (statement.specifiers.length === 0) return [[line(word, statement), from()]];
  return statement.specifiers.map((specifier) => {
    const named = specifier.type === "ImportSpecifier", name = source.slice(specifier.start!, specifier.end!);
    return [
      line(named ? `${word} {` : word, statement),
      line(name, specifier),
      line(named ? "} from" : "from"),
      from(),
    ];
  });
}

/** A cell's text as it may stand in a block: without imports and without the word `export`, each line where it was. */
function blockText(source: string, statements: CellStatement[], folder?: string): string {
  let text = source;
  const blank = (start: number, end: number) => {
    text = text.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, " ") + text.slice(end);
  };
  for (const statement of statements) {
    if (statement.type === "ImportDeclaration") blank(statement.start!, statement.end!);
    if (statement.type === "ExportNamedDeclaration" && statement.declaration) {
      blank(statement.start!, statement.declaration.start!);
    }
  }
  return text.replace(/\bimport\(\s*(["'])\.[^"']*\1/g, (call) => absoluteImports(call, folder));
}

/** For a module that stands elsewhere than the notebook. */
function absoluteImports(text: string, folder?: string): string {
  if (folder === undefined) return text;
  const base = pathToFileURL(folder + "/");
  return text.replace(/(["'])(\.\.?\/[^"']*)\1/, (_, quote, path) => quote + new URL(path, base) + quote);
}

/** The names that a statement declares in its block, imported ones included. */
function declaredNames(statement: CellStatement): string[] {
  switch (statement.type) {
    case "ImportDeclaration":
      return statement.specifiers.map(({ local }) => local.name);
    case "ExportNamedDeclaration":
      return statement.declaration ? declaredNames(statement.declaration) : [];
    case "VariableDeclaration":
      return statement.declarations.flatMap(({ id }) => patternNames(id));
    case "FunctionDeclaration":
    case "ClassDeclaration":
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
    case "TSEnumDeclaration":
      return statement.id ? [statement.id.name] : [];
    default:
      return [];
  }
}

/** The names in a pattern such as `{ a, b: [c = 1, ...d] }`. */
function patternNames(pattern: Pattern | null): string[] {
  switch (pattern?.type) {
    case "Identifier":
      return [pattern.name];
    case "ObjectPattern":
      return pattern.properties.flatMap((property) =>
        patternNames(property.type === "RestElement" ? property : property.value as Pattern)
      );
    case "ArrayPattern":
      return pattern.elements.flatMap(patternNames);
    case "AssignmentPattern":
      return patternNames(pattern.left as Pattern);
    case "RestElement":
      return patternNames(pattern.argument as Pattern);
    default:
      return [];
  }
}

/**
 * Assignments after which a parameter is again of its declared type. In a module, `let preset: "a" | "b" = "a"` would make
 * every later `preset === "b"` an error, but a run may be given another value.
 */
function wideningLines(statement: CellStatement, source: string): string[] {
  if (statement.type !== "VariableDeclaration" || statement.kind !== "let") return [];
  return statement.declarations.flatMap(({ id, init }) => {
    if (id.type !== "Identifier") return [];
    const annotation = id.typeAnnotation?.type === "TSTypeAnnotation" ? id.typeAnnotation.typeAnnotation : undefined;
    const type = annotation ? source.slice(annotation.start!, annotation.end!) : "boolean";
    return annotation || init?.type === "BooleanLiteral" ? [`${id.name} = undefined as unknown as ${type};`] : [];
  });
}

type Declared = Extract<CellStatement, { type: "VariableDeclaration" }>["declarations"][number]["id"];
type Pattern = Declared | NonNullable<Extract<Declared, { type: "ArrayPattern" }>["elements"][number]>;
