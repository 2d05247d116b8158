// TensorFlow's stable C API (c_api.h and eager/c_api.h), the part that Braid calls, opened with Deno.dlopen.

import { join } from "node:path";
import { libraryNames } from "./builds.ts";
import { keepLoaded } from "./keep_loaded.ts";

const pointer = "pointer", buffer = "buffer", i32 = "i32", i64 = "i64", usize = "usize", u8 = "u8";
const nothing = "void";
/** TF_Output: an operation and which of its outputs. */
const output = { struct: [pointer, i32] } as const;

const symbols = {
  TF_Version: { parameters: [], result: pointer },
  TF_NewStatus: { parameters: [], result: pointer },
  TF_SetStatus: { parameters: [pointer, i32, buffer], result: nothing },
  TF_GetCode: { parameters: [pointer], result: i32 },
  TF_Message: { parameters: [pointer], result: pointer },

  TFE_NewContextOptions: { parameters: [], result: pointer },
  TFE_DeleteContextOptions: { parameters: [pointer], result: nothing },
  TFE_NewContext: { parameters: [pointer, pointer], result: pointer },
  TFE_ContextListDevices: { parameters: [pointer, pointer], result: pointer },
  TFE_ContextAddFunction: { parameters: [pointer, pointer, pointer], result: nothing },
  TFE_ContextRemoveFunction: { parameters: [pointer, buffer, pointer], result: nothing },
  TF_DeviceListCount: { parameters: [pointer], result: i32 },
  TF_DeviceListName: { parameters: [pointer, i32, pointer], result: pointer },
  TF_DeviceListType: { parameters: [pointer, i32, pointer], result: pointer },
  TF_DeleteDeviceList: { parameters: [pointer], result: nothing },

  TF_AllocateTensor: { parameters: [i32, buffer, i32, usize], result: pointer },
  TF_TensorData: { parameters: [pointer], result: pointer },
  TF_TensorByteSize: { parameters: [pointer], result: usize },
  TF_DeleteTensor: { parameters: [pointer], result: nothing },

  TFE_NewTensorHandle: { parameters: [pointer, pointer], result: pointer },
  TFE_DeleteTensorHandle: { parameters: [pointer], result: nothing },
  TFE_TensorHandleCopySharingTensor: { parameters: [pointer, pointer], result: pointer },
  TFE_TensorHandleDataType: { parameters: [pointer], result: i32 },
  TFE_TensorHandleNumDims: { parameters: [pointer, pointer], result: i32 },
  TFE_TensorHandleDim: { parameters: [pointer, i32, pointer], result: i64 },
  TFE_TensorHandleResolve: { parameters: [pointer, pointer], result: pointer },

  TFE_NewOp: { parameters: [pointer, buffer, pointer], result: pointer },
  TFE_DeleteOp: { parameters: [pointer], result: nothing },
  TFE_OpAddInput: { parameters: [pointer, pointer, pointer], result: nothing },
  TFE_OpSetAttrType: { parameters: [pointer, buffer, i32], result: nothing },
  TFE_OpSetAttrInt: { parameters: [pointer, buffer, i64], result: nothing },
  TFE_OpSetAttrFloat: { parameters: [pointer, buffer, "f32"], result: nothing },
  TFE_OpSetAttrBool: { parameters: [pointer, buffer, u8], result: nothing },
  TFE_OpSetAttrString: { parameters: [pointer, buffer, buffer, usize], result: nothing },
  TFE_OpSetAttrShape: { parameters: [pointer, buffer, buffer, i32, pointer], result: nothing },
  TFE_OpSetAttrIntList: { parameters: [pointer, buffer, buffer, i32], result: nothing },
  TFE_Execute: { parameters: [pointer, buffer, buffer, pointer], result: nothing },

  TF_NewGraph: { parameters: [], result: pointer },
  TF_DeleteGraph: { parameters: [pointer], result: nothing },
  TF_NewOperation: { parameters: [pointer, buffer, buffer], result: pointer },
  TF_AddInput: { parameters: [pointer, output], result: nothing },
  TF_AddInputList: { parameters: [pointer, buffer, i32], result: nothing },
  TF_SetAttrType: { parameters: [pointer, buffer, i32], result: nothing },
  TF_SetAttrInt: { parameters: [pointer, buffer, i64], result: nothing },
  TF_SetAttrIntList: { parameters: [pointer, buffer, buffer, i32], result: nothing },
  TF_SetAttrFloat: { parameters: [pointer, buffer, "f32"], result: nothing },
  TF_SetAttrBool: { parameters: [pointer, buffer, u8], result: nothing },
  TF_SetAttrString: { parameters: [pointer, buffer, buffer, usize], result: nothing },
  TF_SetAttrShape: { parameters: [pointer, buffer, buffer, i32], result: nothing },
  TF_SetAttrTensor: { parameters: [pointer, buffer, pointer, pointer], result: nothing },
  TF_FinishOperation: { parameters: [pointer, pointer], result: pointer },
  TF_OperationOutputType: { parameters: [output], result: i32 },
  TF_GraphGetTensorNumDims: { parameters: [pointer, output, pointer], result: i32 },
  TF_GraphGetTensorShape: { parameters: [pointer, output, buffer, i32, pointer], result: nothing },
  TF_GraphToFunction: {
    parameters: [
      ...[pointer, buffer, u8, i32, pointer, i32, buffer, i32, buffer],
      ...[pointer, pointer, pointer, pointer],
    ],
    result: pointer,
  },
  TF_DeleteFunction: { parameters: [pointer], result: nothing },
} as const satisfies Deno.ForeignLibraryInterface;

type Calls = Deno.DynamicLibrary<typeof symbols>["symbols"];

/** The calls of the C API with one status object, which `check` turns into an exception. */
export interface CApi extends Calls {
  /** The status object that every call with a status parameter gets. */
  readonly status: Deno.PointerValue;
  /** @throws {Error} If the last call with a status failed: TensorFlow's own message. */
  check(): void;
  /** A C string as a JavaScript string. */
  text(value: Deno.PointerValue): string;
}

/** TF_DataType of c_api.h. */
export const DataType = { float32: 1, int32: 3, uint8: 4, string: 7, complex64: 8, int64: 9, bool: 10, resource: 20 };

/**
 * Opens libtensorflow.
 *
 * @param directory Folder with its two libraries, see {@linkcode libraryNames}.
 * @returns Its C API.
 * @throws {Error} If the system cannot load one of the two.
 */
export function openLibrary(directory: string): CApi {
  // TensorFlow reads its settings when it loads.
  for (const [name, value] of Object.entries(SETTINGS)) if (!Deno.env.has(name)) Deno.env.set(name, value);
  const [framework, main] = libraryNames(Deno.build.os).map((name) => join(directory, name));
  keepLoaded(main);
  Deno.dlopen(framework, {}); // the other one needs its symbols
  const calls = Deno.dlopen(main, symbols).symbols;
  const status = calls.TF_NewStatus();
  const text = (value: Deno.PointerValue) => new Deno.UnsafePointerView(value!).getCString();
  const check = () => {
    if (calls.TF_GetCode(status) === 0) return;
    const message = text(calls.TF_Message(status));
    calls.TF_SetStatus(status, 0, cString("")); // not every call that succeeds clears an old error
    throw new Error(message);
  };
  return { ...calls, status, check, text };
}

/** Settings of TensorFlow's that the user may override. */
const SETTINGS = {
  /** No start-up notes on stderr. */
  TF_CPP_MIN_LOG_LEVEL: "2",
  /** Memory for tensors from TensorFlow's own pool: half of what malloc() holds on to between the steps of a model. */
  TF_CPU_ALLOCATOR_USE_BFC: "1",
};

const encoder = new TextEncoder();
const strings = new Map<string, Uint8Array<ArrayBuffer>>();

/** A JavaScript string as a zero-terminated C string; op and attribute names recur, so they are kept. */
export function cString(value: string): Uint8Array<ArrayBuffer> {
  let bytes = strings.get(value);
  if (!bytes) strings.set(value, bytes = encoder.encode(value + "\0"));
  return bytes;
}
