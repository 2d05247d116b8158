/**
 * A notebook as one TypeScript module.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { type CellStatement, parseCell } from "./cell_source.ts";
import { type CodeCell, codeCells, hasTag, type Notebook } from "./notebook_file.ts";

/** Where a line of a module comes from. */
interface Origin {
  cell: number;
  line: number;
}

/** A notebook as one module. */
export interface CellModule {
  text: string;
  /** Cell and line of each line of the text; lines of no cell have none. */
  origins: (Origin | undefined)[];
  /** Cells that do not parse; the module lacks them. */
  syntaxErrors: (Origin & { message: string })[];
}

/**
 * The cells of a notebook as one TypeScript module, line by line.
 *
 * A kernel lets a later cell declare a name again. In a module, that is what a nested block may do: a cell that declares a
 * name of the current block opens a new one, which lasts to the end. Imports move to the top.
 *
 * @param notebook Notebook whose cells are wanted.
 * @param folder Folder of the notebook, from which relative imports are resolved.
 *
 * @example
 * ```ts
 * import { toModule } from "braid/jupyter/cell_module.ts";
 * import { createNotebook } from "braid/jupyter/notebook_file.ts";
 * import assert from "node:assert/strict";
 *
 * const { text } = toModule(createNotebook(["const a = 1;", 'const a = "x";']), Deno.cwd());
 * assert.equal(text, 'export {};\n{\nconst a = 1;\n;\n{\nconst a = "x";\n;\n}\n}\n');
 * ```
 */
export function toModule(notebook: Notebook, folder: string): CellModule {
  const imports: Line[] = [], body: Line[] = [], syntaxErrors: CellModule["syntaxErrors"] = [];
  const imported = new Set<string>();
  let declared = new Set<string>(), depth = 0, widening: string[] = [];
  const open = () => {
    body.push({ text: "{" });
    declared = new Set();
    depth++;
  };

  open();
  for (const [index, cell] of codeCells(notebook).entries()) {
    const statements = parseOrReport(cell, index + 1, syntaxErrors);
    if (!statements) continue;
    const at = (line: number): Origin | undefined =>
      hasTag(cell, "raises-exception") ? undefined : { cell: index + 1, line };
    for (const { line, text } of statements.flatMap((statement) => importLines(statement, cell.source, folder))) {
      if (!imported.has(text)) imports.push({ text, origin: at(line) });
      imported.add(text);
    }
    const names = statements.flatMap(declaredNames);
    if (names.some((name) => declared.has(name))) open();
    for (const name of names) declared.add(name);
    const lines = blockText(cell.source, statements, folder).split("\n");
    body.push(...lines.map((text, i) => ({ text, origin: at(i + 1) })), { text: ";" });
    if (hasTag(cell, "parameters")) widening = statements.flatMap((statement) => wideningLines(statement, cell.source));
    if (hasTag(cell, "parameters") || hasTag(cell, "injected-parameters")) {
      body.push(...widening.map((text) => ({ text })));
    }
  }
  const lines: Line[] = [{ text: "export {};" }, ...imports, ...body, ...Array(depth).fill({ text: "}" })];
  const text = lines.map((line) => line.text + "\n").join("");
  return { text, origins: lines.map((line) => line.origin), syntaxErrors };
}

interface Line {
  text: string;
  origin?: Origin;
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

/** One import for each imported name: the same name imported by two cells is then the same line twice. */
function importLines(statement: CellStatement, source: string, folder: string): { text: string; line: number }[] {
  if (statement.type !== "ImportDeclaration") return [];
  const from = absoluteImports(source.slice(statement.source.start!, statement.end!), folder);
  const kind = statement.importKind === "type" ? "type " : "";
  if (statement.specifiers.length === 0) return [{ text: `import ${from}`, line: statement.loc!.start.line }];
  return statement.specifiers.map((specifier) => {
    const name = source.slice(specifier.start!, specifier.end!);
    const clause = specifier.type === "ImportSpecifier" ? `{ ${name} }` : name;
    return { text: `import ${kind}${clause} from ${from}`, line: specifier.loc!.start.line };
  });
}

/** A cell's text as it may stand in a block: without imports and without the word `export`, each line where it was. */
function blockText(source: string, statements: CellStatement[], folder: string): string {
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

/** The module stands elsewhere than the notebook. */
const absoluteImports = (text: string, folder: string): string =>
  text.replace(/(["'])(\.\.?\/[^"']*)\1/, (_, quote, path) => quote + new URL(path, folderUrl(folder)) + quote);

const folderUrl = (folder: string): URL => pathToFileURL(folder + "/");

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
