/**
 * Deno's language server as a child process.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { setPriority } from "node:os";
import type { Readable, Writable } from "node:stream";
import { pathToFileURL } from "node:url";
import {
  type CompletionItem,
  CompletionRequest,
  ConfigurationRequest,
  createProtocolConnection,
  type Diagnostic,
  DiagnosticSeverity,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  ExecuteCommandRequest,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  MarkupContent,
  type Position,
  type ProtocolConnection,
  RegistrationRequest,
  SignatureHelpRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type TextDocumentIdentifier,
} from "vscode-languageserver-protocol/node";

/**
 * What the TypeScript compiler knows of modules that stand in no file. It answers the first question within seconds and later
 * ones faster, in a process that leaves the processor to others.
 *
 * @example
 * ```ts
 * import { LanguageServer } from "braid/jupyter/language_server.ts";
 * import assert from "node:assert/strict";
 *
 * const server = new LanguageServer(Deno.cwd());
 * const [{ range, message }] = await server.typeErrors('export const a: number = "x";');
 * assert.deepEqual(range.start, { line: 0, character: 13 });
 * assert.equal(message, "Type 'string' is not assignable to type 'number'.");
 * await server.end();
 * ```
 */
export class LanguageServer {
  /** Settled once the process has ended. */
  readonly ended: Promise<void>;
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #connection: ProtocolConnection;
  readonly #ready: Promise<void>;
  readonly #folder: URL;
  readonly #versions = new Map<string, number>();
  readonly #fetched = new Set<string>();

  /** Starts the server for modules that lie, as it were, in a folder; `deno.json` is found there or above. */
  constructor(folder: string) {
    this.#folder = pathToFileURL(folder + "/");
    this.#process = spawn(Deno.execPath(), ["lsp", "--quiet"], {
      cwd: folder,
      env: { ...Deno.env.toObject(), DENO_NO_UPDATE_CHECK: "1" },
      stdio: ["pipe", "pipe", "ignore"],
    });
    const exit = once(this.#process, "exit");
    setPriority(this.#process.pid!, LOW_PRIORITY);
    const { stdout, stdin } = this.#process;
    this.#connection = createProtocolConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin));
    this.#connection.onRequest(RegistrationRequest.type, () => {}); // files do not matter
    this.#connection.onRequest(ConfigurationRequest.type, ({ items }) => items.map(() => SETTINGS));
    this.#connection.listen();
    this.ended = exit.then(() => this.#connection.dispose()); // which fails what is still asked
    this.#ready = this.#initialize();
  }

  /**
   * The type errors of a module.
   *
   * @param text Text of the module.
   * @returns Errors with lines and UTF-16 columns from 0.
   * @throws {Error} If the server ends meanwhile.
   */
  async typeErrors(text: string): Promise<Diagnostic[]> {
    const document = await this.#write("cells", text);
    let diagnostics = await this.#diagnose(document);
    if (await this.#fetchMissing(diagnostics, document)) diagnostics = await this.#diagnose(document);
    return diagnostics.filter(({ source, severity, code }) =>
      source === "deno-ts" && severity === DiagnosticSeverity.Error && !NODE_UNKNOWN.includes(Number(code))
    );
  }

  /**
   * Signature and documentation of what stands at a place, or of the function whose arguments are written there.
   *
   * @param text Text of the module, which may be broken.
   * @param position Line and UTF-16 column from 0.
   * @returns Markdown, or undefined if there is nothing to tell.
   * @throws {Error} If the server ends meanwhile.
   */
  async describe(text: string, position: Position): Promise<string | undefined> {
    const textDocument = await this.#write("cell", text), place = { textDocument, position };
    const hover = await this.#connection.sendRequest(HoverRequest.type, place);
    if (hover && MarkupContent.is(hover.contents)) return hover.contents.value;
    const help = await this.#connection.sendRequest(SignatureHelpRequest.type, place);
    const signature = help?.signatures[help.activeSignature ?? 0];
    if (!signature) return undefined;
    const { label, documentation = "" } = signature;
    const explained = typeof documentation === "string" ? documentation : documentation.value;
    return `\`\`\`tsx\n${label}\n\`\`\`\n${explained}`;
  }

  /**
   * Names that can be written at a place, whatever part of one stands before it.
   *
   * @param text Text of the module, which may be broken.
   * @param position Line and UTF-16 column from 0.
   * @returns The names, the likeliest first.
   * @throws {Error} If the server ends meanwhile.
   */
  async completions(text: string, position: Position): Promise<string[]> {
    const textDocument = await this.#write("cell", text);
    const answer = await this.#connection.sendRequest(CompletionRequest.type, { textDocument, position });
    const items = Array.isArray(answer) ? answer : answer?.items ?? [];
    const rank = ({ sortText, label }: CompletionItem) => sortText ?? label;
    return items.filter(({ textEdit }) => !textEdit) // which would replace more than a name, such as the dot
      .sort((a, b) => rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0)
      .map(({ insertText, label }) => insertText ?? label);
  }

  /** Ends the process at once; it has nothing to lose. */
  async end(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.ended;
  }

  async #initialize(): Promise<void> {
    const uri = projectFolder(this.#folder).href;
    await this.#connection.sendRequest(InitializeRequest.type, {
      processId: Deno.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: "notebook" }],
      capabilities: {
        textDocument: { hover: { contentFormat: ["markdown"] } },
        workspace: { configuration: true }, // without it, the server looks for no deno.json
      },
    });
    await this.#connection.sendNotification(InitializedNotification.type, {});
  }

  /** Gives a module its text. */
  async #write(name: string, text: string): Promise<TextDocumentIdentifier> {
    await this.#ready;
    const uri = new URL(`.braid-${name}.ts`, this.#folder).href, version = (this.#versions.get(name) ?? 0) + 1;
    this.#versions.set(name, version);
    if (version === 1) {
      const textDocument = { uri, languageId: "typescript", version, text };
      await this.#connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
    } else {
      const change = { textDocument: { uri, version }, contentChanges: [{ text }] };
      await this.#connection.sendNotification(DidChangeTextDocumentNotification.type, change);
    }
    return { uri };
  }

  async #diagnose(textDocument: TextDocumentIdentifier): Promise<Diagnostic[]> {
    const report = await this.#connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument });
    return report.kind === "full" ? report.items : [];
  }

  /** Packages that a cell has brought to this machine are new to the server, once each; returns whether there were any. */
  async #fetchMissing(diagnostics: Diagnostic[], { uri }: TextDocumentIdentifier): Promise<boolean> {
    const missing = diagnostics.filter(({ code }) => /^(no-cache|not-installed)/.test(String(code)))
      .map(({ data }) => String(data?.specifier)).filter((specifier) => !this.#fetched.has(specifier));
    if (missing.length === 0) return false;
    for (const specifier of missing) this.#fetched.add(specifier);
    const fetch = { command: "deno.cache", arguments: [missing, uri] };
    await this.#connection.sendRequest(ExecuteCommandRequest.type, fetch);
    return true;
  }
}

/** The folder with the `deno.json` that holds for another one, in which alone, or one below, the server would look for it. */
function projectFolder(folder: URL): URL {
  const has = (name: string) => existsSync(new URL(name, folder));
  const above = new URL("..", folder);
  return has("deno.json") || has("deno.jsonc") || above.href === folder.href ? folder : projectFolder(above);
}

/** "Cannot find name 'node:path'": unlike the kernel, the server at times lacks the types of Node's modules and globals. */
const NODE_UNKNOWN = [2580, 2591];

/** Cells and training come first. */
const LOW_PRIORITY = 5;

/** Of `deno` and `typescript`: what lies in the folder is read when a cell imports it; only names that are known are offered. */
const SETTINGS = { enable: true, lint: false, documentPreloadLimit: 0, suggest: { autoImports: false } };
