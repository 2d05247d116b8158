// Ops written down as a TensorFlow graph, without being run, and turned into a function.

import { createHash } from "node:crypto";
import { type Attribute, int64List, setNodeAttribute } from "./attributes.ts";
import { type CApi, cString } from "./c_api.ts";

/** What a kernel learns of an op's output. */
export interface TensorMetadata {
  id: number;
  shape: number[];
  dtype: number;
}

/** One output of a node. */
interface Endpoint {
  node: Deno.PointerValue;
  index: number;
  /** The node's number in the recording. */
  number: number;
  op: string;
}

/** How many of an op's first inputs form one list; every other op takes its inputs one by one. */
const listLength: Record<string, (inputs: number) => number> = {
  AddN: (inputs) => inputs,
  ConcatV2: (inputs) => inputs - 1, // the last one is the axis
  Einsum: (inputs) => inputs,
  Pack: (inputs) => inputs,
};

/** A function in TensorFlow's context: call it by name with as many inputs as were declared. */
export interface RecordedFunction {
  name: string;
  /** How many ops were recorded. */
  nodes: number;
  /** A hash of all ops, shapes and types, but no constant's values: equal for the same computation in any process. */
  digest: string;
  outputs: number;
}

/** Tensor ids of the binding on one side, nodes of a graph on the other. */
export class Recording {
  readonly #api: CApi;
  readonly #graph: Deno.PointerValue;
  readonly #endpoints = new Map<number, Endpoint>();
  readonly #parameters: Endpoint[] = [];
  readonly #digest = createHash("sha256");
  #count = 0;
  #refusal: RecordingError | undefined;

  /**
   * @param api The C API.
   * @param outside Asked for a tensor that nothing recorded has made: declares it as an input or throws.
   */
  constructor(api: CApi, private readonly outside: (id: number, op: string) => void) {
    this.#api = api;
    this.#graph = api.TF_NewGraph();
  }

  /** Ends what is recorded with an error; its `refusal` remains, should a step catch it or not wait for it. */
  refuse(reason: string): never {
    this.#refusal ??= new RecordingError(reason);
    throw this.#refusal;
  }

  /** The first thing that the recorded code did and a recording cannot keep. */
  get refusal(): RecordingError | undefined {
    return this.#refusal;
  }

  /** The op that a recorded tensor comes from. */
  sourceOf(id: number): string | undefined {
    return this.#endpoints.get(id)?.op;
  }

  /** Declares tensor `id` as the next input of the function. */
  declareInput(id: number, dtype: number, shape: number[]): void {
    const node = this.#begin("Placeholder");
    this.#api.TF_SetAttrType(node, cString("dtype"), dtype);
    this.#api.TF_SetAttrShape(node, cString("shape"), int64List(shape), shape.length);
    this.#digest.update(`input ${dtype} ${shape}\n`);
    const endpoint = this.#finish(node, "Placeholder");
    this.#endpoints.set(id, endpoint);
    this.#parameters.push(endpoint);
  }

  /** Writes down a tensor made from JavaScript values: its `TF_Tensor` becomes a constant. */
  addConstant(id: number, tensor: Deno.PointerValue, dtype: number): void {
    const node = this.#begin("Const");
    this.#api.TF_SetAttrTensor(node, cString("value"), tensor, this.#api.status);
    this.#api.check();
    this.#api.TF_SetAttrType(node, cString("dtype"), dtype);
    this.#digest.update(`constant ${dtype}\n`);
    this.#endpoints.set(id, this.#finish(node, "Const"));
  }

  /**
   * Writes down an op instead of running it.
   *
   * @param outputs Numbers for its outputs.
   * @returns Shape and type of each output.
   * @throws {RecordingError} If a shape depends on values.
   */
  addOperation(op: string, attributes: Attribute[], inputs: number[], outputs: number[]): TensorMetadata[] {
    const endpoints = inputs.map((id) => this.#endpoint(id, op)), node = this.#begin(op);
    const inList = listLength[op]?.(inputs.length) ?? 0;
    if (inList) this.#api.TF_AddInputList(node, outputArray(endpoints.slice(0, inList)), inList);
    for (const endpoint of endpoints.slice(inList)) this.#api.TF_AddInput(node, outputStruct(endpoint));
    for (const attribute of attributes) {
      const impliedByList = inList > 0 && attribute.name === "N";
      if (!impliedByList) setNodeAttribute(this.#api, node, attribute);
    }
    const finished = this.#finish(node, op);
    this.#digest.update(`${op} ${endpoints.map(place)} ${JSON.stringify(attributes)}\n`);
    return outputs.map((id, index) => {
      const endpoint = { ...finished, index };
      this.#endpoints.set(id, endpoint);
      return { id, ...this.#describe(endpoint, op) };
    });
  }

  /** Ends the recording: a function from the declared inputs to the tensors `results`. */
  toFunction(context: Deno.PointerValue, name: string, results: number[]): RecordedFunction {
    const sources = results.map((id) => this.#endpoint(id, "the step's result"));
    const outputs = sources.map((source) => this.#identity(source));
    const api = this.#api, status = api.status;
    const wrapped = api.TF_GraphToFunction(
      ...[this.#graph, cString(name), 0, -1, null] as const,
      ...[this.#parameters.length, outputArray(this.#parameters), outputs.length, outputArray(outputs)] as const,
      ...[null, null, null, status] as const,
    );
    api.check();
    api.TFE_ContextAddFunction(context, wrapped, status);
    api.check();
    api.TF_DeleteFunction(wrapped);
    const digest = this.#digest.update(`outputs ${sources.map(place)}\n`).digest("hex");
    return { name, nodes: this.#count, digest, outputs: outputs.length };
  }

  /** Frees the graph; a function made from it lives on. */
  dispose(): void {
    this.#api.TF_DeleteGraph(this.#graph);
  }

  /** Where a tensor stands in the graph; one that nothing recorded has made is declared, or refused, by `outside`. */
  #endpoint(id: number, op: string): Endpoint {
    if (!this.#endpoints.has(id)) this.outside(id, op);
    return this.#endpoints.get(id)!;
  }

  #describe(endpoint: Endpoint, op: string): { shape: number[]; dtype: number } {
    const api = this.#api, output = outputStruct(endpoint);
    const rank = api.TF_GraphGetTensorNumDims(this.#graph, output, api.status);
    const sizes = new BigInt64Array(Math.max(1, rank));
    if (rank > 0) api.TF_GraphGetTensorShape(this.#graph, output, sizes, rank, api.status);
    api.check();
    const shape = Array.from(sizes.subarray(0, Math.max(0, rank)), Number);
    if (rank < 0 || shape.some((size) => size < 0)) this.refuse(unknownShape(op));
    return { shape, dtype: api.TF_OperationOutputType(output) };
  }

  /** A result may be an input, or stand twice: a copy of its own keeps TensorFlow content. */
  #identity(endpoint: Endpoint): Endpoint {
    const node = this.#begin("Identity");
    this.#api.TF_AddInput(node, outputStruct(endpoint));
    return this.#finish(node, "Identity");
  }

  #begin(op: string): Deno.PointerValue {
    return this.#api.TF_NewOperation(this.#graph, cString(op), new TextEncoder().encode(`n${this.#count++}\0`));
  }

  /** Ends a node: its first output. */
  #finish(begun: Deno.PointerValue, op: string): Endpoint {
    const node = this.#api.TF_FinishOperation(begun, this.#api.status);
    this.#api.check();
    return { node, index: 0, number: this.#count, op };
  }
}

/** A step did something that a recording cannot keep. */
export class RecordingError extends Error {
  override name = "RecordingError";
}

const unknownShape = (op: string) =>
  `Expected the shapes of a compiled step to follow from those of its arguments, got one that depends on values, of ${op}: ` +
  "compute it outside of the step, or use a mask";

/** Where a tensor stands, for the digest. */
const place = ({ number, index }: Endpoint) => `${number}:${index}`;

/** TF_Output in memory: an address, an index, four bytes of padding. */
const outputBytes = 16;

function writeOutput(view: DataView, offset: number, { node, index }: Endpoint): void {
  view.setBigUint64(offset, BigInt(Deno.UnsafePointer.value(node)), true);
  view.setInt32(offset + 8, index, true);
}

function outputStruct(endpoint: Endpoint): Uint8Array<ArrayBuffer> {
  return outputArray([endpoint]);
}

function outputArray(endpoints: Endpoint[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(outputBytes * Math.max(1, endpoints.length));
  const view = new DataView(bytes.buffer);
  endpoints.forEach((endpoint, i) => writeOutput(view, outputBytes * i, endpoint));
  return bytes;
}
