// An op's attributes, as tfjs-node's kernels describe them, set on an eager op or on a node of a graph.

import { type CApi, cString } from "./c_api.ts";

/** Which kind of value an attribute has; tfjs-node asks the binding for these numbers. */
export const AttributeType = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5, resource: 6 };

/** An attribute of an op: tfjs-node's own record. */
export interface Attribute {
  name: string;
  type: number;
  value: boolean | number | object | string | number[];
}

/** Sets an attribute of an eager op (`TFE_Op`). */
export function setEagerAttribute(api: CApi, op: Deno.PointerValue, { name, type, value }: Attribute): void {
  const key = cString(name);
  switch (type) {
    case AttributeType.string: {
      const bytes = stringBytes(value as string);
      return api.TFE_OpSetAttrString(op, key, bytes, BigInt((value as string).length ? bytes.length : 0));
    }
    case AttributeType.int:
      return Array.isArray(value)
        ? api.TFE_OpSetAttrIntList(op, key, int64List(value), value.length)
        : api.TFE_OpSetAttrInt(op, key, wholeNumber(value as number));
    case AttributeType.float:
      return api.TFE_OpSetAttrFloat(op, key, value as number);
    case AttributeType.bool:
      return api.TFE_OpSetAttrBool(op, key, value ? 1 : 0);
    case AttributeType.type:
      return api.TFE_OpSetAttrType(op, key, value as number);
    case AttributeType.shape:
      return api.TFE_OpSetAttrShape(op, key, int64List(value as number[]), (value as number[]).length, api.status);
    default:
      throw new TypeError(`Expected an attribute type from 0 to 5, got ${type} for "${name}"`);
  }
}

/** Sets an attribute of a node under construction (`TF_OperationDescription`). */
export function setNodeAttribute(api: CApi, node: Deno.PointerValue, { name, type, value }: Attribute): void {
  const key = cString(name);
  switch (type) {
    case AttributeType.string: {
      const bytes = stringBytes(value as string);
      return api.TF_SetAttrString(node, key, bytes, BigInt((value as string).length ? bytes.length : 0));
    }
    case AttributeType.int:
      return Array.isArray(value)
        ? api.TF_SetAttrIntList(node, key, int64List(value), value.length)
        : api.TF_SetAttrInt(node, key, wholeNumber(value as number));
    case AttributeType.float:
      return api.TF_SetAttrFloat(node, key, value as number);
    case AttributeType.bool:
      return api.TF_SetAttrBool(node, key, value ? 1 : 0);
    case AttributeType.type:
      return api.TF_SetAttrType(node, key, value as number);
    case AttributeType.shape:
      return api.TF_SetAttrShape(node, key, int64List(value as number[]), (value as number[]).length);
    default:
      throw new TypeError(`Expected an attribute type from 0 to 5, got ${type} for "${name}"`);
  }
}

const encoder = new TextEncoder();

/** The bytes of a string; an empty one still needs an address. */
const stringBytes = (value: string): Uint8Array<ArrayBuffer> => value ? encoder.encode(value) : new Uint8Array(1);

/** As tfjs-node's own binding takes it: tf.multinomial() passes a fraction as its seed. */
const wholeNumber = (value: number): bigint => BigInt(Math.trunc(value));

/** Sizes as int64; never an empty array, which has no address. */
export const int64List = (values: number[]): BigInt64Array<ArrayBuffer> => {
  const list = new BigInt64Array(Math.max(1, values.length));
  values.forEach((value, i) => list[i] = BigInt(value));
  return list;
};
