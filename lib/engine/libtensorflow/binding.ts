// The interface between tfjs-node's kernels and TensorFlow, over the C API: tensors by number, ops by name.

import { type Attribute, AttributeType, int64List, setEagerAttribute } from "./attributes.ts";
import { type CApi, cString, DataType } from "./c_api.ts";
import { type RecordedFunction, Recording, RecordingError, type TensorMetadata } from "./recording.ts";

type Values = Float32Array | Int32Array | Uint8Array | BigInt64Array;

/** tfjs-node's binding (its native add-on) over libtensorflow, with recording. */
export class Binding {
  readonly TF_FLOAT = DataType.float32;
  readonly TF_INT32 = DataType.int32;
  readonly TF_INT64 = DataType.int64;
  readonly TF_BOOL = DataType.bool;
  readonly TF_COMPLEX64 = DataType.complex64;
  readonly TF_STRING = DataType.string;
  readonly TF_RESOURCE = DataType.resource;
  readonly TF_UINT8 = DataType.uint8;
  readonly TF_ATTR_STRING = AttributeType.string;
  readonly TF_ATTR_INT = AttributeType.int;
  readonly TF_ATTR_FLOAT = AttributeType.float;
  readonly TF_ATTR_BOOL = AttributeType.bool;
  readonly TF_ATTR_TYPE = AttributeType.type;
  readonly TF_ATTR_SHAPE = AttributeType.shape;
  readonly TF_ATTR_RESOURCE = AttributeType.resource;
  readonly TF_Version: string;

  readonly #api: CApi;
  readonly #context: Deno.PointerValue;
  readonly #handles = new Map<number, Deno.PointerValue>();
  /** Where TensorFlow writes the outputs of an op, and how many there are. */
  #outputs = new BigUint64Array(8);
  readonly #outputCount = new Int32Array(1);
  #nextId = 1;
  #recording: Recording | null = null;

  constructor(api: CApi) {
    this.#api = api;
    this.TF_Version = api.text(api.TF_Version());
    const options = api.TFE_NewContextOptions();
    this.#context = api.TFE_NewContext(options, api.status);
    api.check();
    api.TFE_DeleteContextOptions(options);
  }

  /** The devices that TensorFlow sees, e.g. `CPU`, `GPU`. */
  devices(): { name: string; type: string }[] {
    const api = this.#api, list = api.TFE_ContextListDevices(this.#context, api.status);
    api.check();
    const devices = Array.from({ length: api.TF_DeviceListCount(list) }, (_, i) => ({
      name: api.text(api.TF_DeviceListName(list, i, api.status)),
      type: api.text(api.TF_DeviceListType(list, i, api.status)),
    }));
    api.TF_DeleteDeviceList(list);
    return devices;
  }

  isUsingGpuDevice(): boolean {
    return this.devices().some(({ type }) => type === "GPU");
  }

  getNumOfTensors(): number {
    return this.#handles.size;
  }

  createTensor(shape: number[], dtype: number, values: ArrayLike<number>): number {
    const api = this.#api, elements = shape.reduce((product, size) => product * size, 1);
    const data = inMemory(dtype, values), bytes = elements * bytesPerElement(dtype);
    if (data.byteLength < bytes) {
      throw new RangeError(`Expected ${elements} values for a tensor of shape [${shape}], got ${values.length}`);
    }
    const tensor = api.TF_AllocateTensor(dtype, int64List(shape), shape.length, BigInt(bytes));
    if (bytes) {
      const memory = Deno.UnsafePointerView.getArrayBuffer(api.TF_TensorData(tensor)!, bytes);
      new Uint8Array(memory).set(new Uint8Array(data.buffer, data.byteOffset, bytes));
    }
    const id = this.#keep(api.TFE_NewTensorHandle(tensor, api.status));
    this.#recording?.addConstant(id, tensor, dtype);
    api.TF_DeleteTensor(tensor);
    return id;
  }

  deleteTensor(id: number): void {
    const handle = this.#handles.get(id);
    if (handle === undefined) return;
    this.#api.TFE_DeleteTensorHandle(handle);
    this.#handles.delete(id);
  }

  tensorDataSync(id: number): Values {
    this.#recording?.refuse(readWhileRecording(this.#recording.sourceOf(id)));
    const api = this.#api, handle = this.#handle(id);
    const tensor = api.TFE_TensorHandleResolve(handle, api.status);
    api.check();
    const bytes = Number(api.TF_TensorByteSize(tensor));
    const copy = new ArrayBuffer(bytes);
    if (bytes) {
      const memory = Deno.UnsafePointerView.getArrayBuffer(api.TF_TensorData(tensor)!, bytes);
      new Uint8Array(copy).set(new Uint8Array(memory));
    }
    api.TF_DeleteTensor(tensor);
    return typedView(api.TFE_TensorHandleDataType(handle), copy);
  }

  /** Runs an op, or writes it down while something is recorded. */
  executeOp(op: string, attributes: Attribute[], inputs: number[], outputs: number): TensorMetadata[] {
    if (!this.#recording) return this.#execute(op, attributes, inputs, outputs);
    return this.#recording.addOperation(op, attributes, inputs, Array.from({ length: outputs }, () => this.#nextId++));
  }

  /** A second number for the same memory, so that two uses of one tensor can be told apart. */
  share(id: number): TensorMetadata {
    const api = this.#api;
    const copy = api.TFE_TensorHandleCopySharingTensor(this.#handle(id), api.status);
    return this.describe(this.#keep(copy));
  }

  /** Whether a tensor has not been disposed yet; numbers are never used again. */
  isLive(id: number): boolean {
    return this.#handles.has(id);
  }

  /** What is known of a tensor. */
  describe(id: number): TensorMetadata {
    const api = this.#api, handle = this.#handle(id);
    const rank = api.TFE_TensorHandleNumDims(handle, api.status);
    api.check();
    const shape: number[] = [];
    for (let axis = 0; axis < rank; axis++) shape.push(Number(api.TFE_TensorHandleDim(handle, axis, api.status)));
    return { id, shape, dtype: api.TFE_TensorHandleDataType(handle) };
  }

  /**
   * From now on ops are written down, not run: their outputs have shapes, but no values.
   *
   * @param outside Asked for a tensor that no recorded op has made: declares it as an input or throws.
   */
  startRecording(outside: (id: number, op: string) => void): Recording {
    if (this.#recording) throw new RecordingError(NESTED_RECORDING);
    return this.#recording = new Recording(this.#api, outside);
  }

  stopRecording(): void {
    this.#recording = null;
  }

  get isRecording(): boolean {
    return this.#recording !== null;
  }

  /** Turns a recording into a function that {@linkcode callFunction} runs. */
  toFunction(recording: Recording, name: string, results: number[]): RecordedFunction {
    return recording.toFunction(this.#context, name, results);
  }

  /** Runs a recorded function as one op. */
  callFunction({ name, outputs }: RecordedFunction, inputs: number[], xla: boolean): TensorMetadata[] {
    const attributes = xla ? [{ name: "_XlaMustCompile", type: AttributeType.bool, value: true }] : [];
    return this.#execute(name, attributes, inputs, outputs);
  }

  removeFunction({ name }: RecordedFunction): void {
    this.#api.TFE_ContextRemoveFunction(this.#context, cString(name), this.#api.status);
    this.#api.check();
  }

  #execute(op: string, attributes: Attribute[], inputs: number[], outputs: number): TensorMetadata[] {
    const api = this.#api, status = api.status;
    const call = api.TFE_NewOp(this.#context, cString(op), status);
    api.check();
    try {
      for (const id of inputs) {
        api.TFE_OpAddInput(call, this.#handle(id), status);
        api.check();
      }
      for (const attribute of attributes) setEagerAttribute(api, call, attribute);
      if (this.#outputs.length < outputs) this.#outputs = new BigUint64Array(outputs);
      const handles = this.#outputs, count = this.#outputCount;
      count[0] = outputs;
      api.TFE_Execute(call, handles, count, status);
      api.check();
      const results: TensorMetadata[] = []; // by loops: an op takes as long as a few calls of Array.from()
      for (let i = 0; i < count[0]; i++) {
        results.push(this.describe(this.#keep(Deno.UnsafePointer.create(handles[i]))));
      }
      return results;
    } finally {
      api.TFE_DeleteOp(call);
    }
  }

  #handle(id: number): Deno.PointerValue {
    const handle = this.#handles.get(id);
    if (handle === undefined) {
      throw new Error(
        `Expected a live tensor, got number ${id}, which was disposed, or made while a step was recorded and then kept: ` +
          "what is needed outside of a compiled step must be returned from it",
      );
    }
    return handle;
  }

  #keep(handle: Deno.PointerValue): number {
    this.#api.check();
    this.#handles.set(this.#nextId, handle);
    return this.#nextId++;
  }
}

const readWhileRecording = (op: string | undefined) =>
  `Expected a compiled step not to read values, got data(), array() or print() of ${
    op === "Placeholder" ? "an argument or a variable" : op ? `what ${op} gives` : "a tensor from outside"
  } inside it. A recorded step has no values yet: return the tensor from the step and read it outside`;

const NESTED_RECORDING = "Expected one recording at a time, got a second one inside the first";

function bytesPerElement(dtype: number): number {
  switch (dtype) {
    case DataType.float32:
    case DataType.int32:
      return 4;
    case DataType.complex64:
    case DataType.int64:
      return 8;
    case DataType.bool:
    case DataType.uint8:
      return 1;
    default:
      throw new TypeError(`Expected a numeric or boolean tensor, got TensorFlow type ${dtype}`);
  }
}

/** tfjs hands over what it was given, e.g. bytes for an int32 tensor: bring them to TensorFlow's width. */
function inMemory(dtype: number, values: ArrayLike<number>): ArrayBufferView {
  if (dtype === DataType.float32 && !(values instanceof Float32Array)) return Float32Array.from(values);
  if (dtype === DataType.int32 && !(values instanceof Int32Array)) return Int32Array.from(values);
  if (ArrayBuffer.isView(values)) return values;
  throw new TypeError(
    `Expected a typed array for TensorFlow type ${dtype}, got ${Object.prototype.toString.call(values)}`,
  );
}

function typedView(dtype: number, data: ArrayBuffer): Values {
  switch (dtype) {
    case DataType.float32:
    case DataType.complex64:
      return new Float32Array(data);
    case DataType.int32:
      return new Int32Array(data);
    case DataType.int64:
      return new BigInt64Array(data);
    default:
      return new Uint8Array(data);
  }
}
