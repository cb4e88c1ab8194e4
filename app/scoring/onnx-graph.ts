import { AppError } from "../errors.ts"

/**
 * What an ONNX file would run, read straight from its protobuf (onnx.proto, IR version 10) without running it.
 * Only the fields that decide about trust are read: operators with their domains, nested graphs, local functions and
 * tensors whose bytes lie outside the file. Limit: it does not check shapes or types; ONNX Runtime does that at load.
 */
export type GraphContents = {
  /** `domain:Operator`; the plain ONNX domain is the empty string. */
  operators: Set<string>
  hasExternalData: boolean
  hasFunctions: boolean
  /** Operators that carry graphs inside (If, Loop, Scan). */
  hasNestedGraphs: boolean
}

/** Tensor algebra only: nothing that reads a file, branches, loops or calls into another domain. */
const ALLOWED_OPERATORS = new Set(
  `Abs Add And ArgMax Cast Clip Concat Constant ConstantOfShape CumSum DequantizeLinear Div DynamicQuantizeLinear
  Equal Erf Exp Expand Flatten Gather GatherElements GatherND Gelu Gemm Greater GreaterOrEqual Identity
  LayerNormalization Less LessOrEqual Log MatMul MatMulInteger Max Mean Min Mod Mul Neg Not Or Pow QuantizeLinear
  Range Reciprocal ReduceL2 ReduceMax ReduceMean ReduceMin ReduceSum ReduceSumSquare Relu Reshape Shape Sigmoid Sign
  Slice Softmax Softplus Split Sqrt Squeeze Sub Sum Tanh Tile TopK Transpose Trilu Unsqueeze Where Xor`.split(
    /\s+/,
  ),
)

/** Nesting that no real graph reaches; a crafted file must not exhaust the stack. */
const MAX_DEPTH = 32

type Field = { number: number; wire: number; value: number; bytes: Uint8Array }

const NO_BYTES = new Uint8Array(0)

function* fields(bytes: Uint8Array): Generator<Field> {
  let at = 0
  const varint = (): number => {
    let value = 0
    let scale = 1
    for (let count = 0; count < 10; count += 1) {
      const byte = bytes[at]
      if (byte === undefined) throw new RangeError("a number runs past the end")
      at += 1
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
    throw new RangeError("a number is longer than 64 bits")
  }
  const skip = (size: number) => {
    if (size > bytes.length - at) throw new RangeError("a field runs past the end")
    at += size
  }
  while (at < bytes.length) {
    const key = varint()
    const number = Math.floor(key / 8)
    const wire = key % 8
    switch (wire) {
      case 0:
        yield { number, wire, value: varint(), bytes: NO_BYTES }
        break
      case 1:
        skip(8)
        break
      case 2: {
        const size = varint()
        const from = at
        skip(size)
        yield { number, wire, value: 0, bytes: bytes.subarray(from, at) }
        break
      }
      case 5:
        skip(4)
        break
      default:
        throw new RangeError(`wire type ${wire} is not of protobuf 3`)
    }
  }
}

const text = new TextDecoder()

function readTensor(tensor: Uint8Array, found: GraphContents): void {
  for (const field of fields(tensor)) {
    // TensorProto.external_data = 13, data_location = 14 (1: EXTERNAL)
    if ((field.number === 13 && field.wire === 2) || (field.number === 14 && field.value !== 0))
      found.hasExternalData = true
  }
}

function readAttribute(attribute: Uint8Array, found: GraphContents, depth: number): void {
  for (const field of fields(attribute)) {
    if (field.wire !== 2) continue
    // AttributeProto: t = 5, g = 6, tensors = 10, graphs = 11, sparse_tensor = 22, sparse_tensors = 23
    if (field.number === 5 || field.number === 10) readTensor(field.bytes, found)
    if (field.number === 6 || field.number === 11) {
      found.hasNestedGraphs = true
      readGraph(field.bytes, found, depth + 1)
    }
    if (field.number === 22 || field.number === 23) readSparse(field.bytes, found)
  }
}

function readSparse(sparse: Uint8Array, found: GraphContents): void {
  // SparseTensorProto: values = 1, indices = 2
  for (const field of fields(sparse))
    if (field.wire === 2 && field.number <= 2) readTensor(field.bytes, found)
}

function readNode(node: Uint8Array, found: GraphContents, depth: number): void {
  let operator = ""
  let domain = ""
  for (const field of fields(node)) {
    if (field.wire !== 2) continue
    // NodeProto: op_type = 4, attribute = 5, domain = 7
    if (field.number === 4) operator = text.decode(field.bytes)
    if (field.number === 5) readAttribute(field.bytes, found, depth)
    if (field.number === 7) domain = text.decode(field.bytes)
  }
  found.operators.add(`${domain === "ai.onnx" ? "" : domain}:${operator}`)
}

function readGraph(graph: Uint8Array, found: GraphContents, depth: number): void {
  if (depth > MAX_DEPTH) throw new RangeError("graphs are nested too deeply")
  for (const field of fields(graph)) {
    if (field.wire !== 2) continue
    // GraphProto: node = 1, initializer = 5, sparse_initializer = 15
    if (field.number === 1) readNode(field.bytes, found, depth)
    if (field.number === 5) readTensor(field.bytes, found)
    if (field.number === 15) readSparse(field.bytes, found)
  }
}

/** @throws AppError `bad_model` where the bytes are not an ONNX model. */
export function readGraphContents(bytes: Uint8Array): GraphContents {
  const found: GraphContents = {
    operators: new Set(),
    hasExternalData: false,
    hasFunctions: false,
    hasNestedGraphs: false,
  }
  try {
    for (const field of fields(bytes)) {
      if (field.wire !== 2) continue
      // ModelProto: graph = 7, functions = 25
      if (field.number === 7) readGraph(field.bytes, found, 0)
      if (field.number === 25) found.hasFunctions = true
    }
  } catch (cause) {
    throw new AppError(
      "bad_model",
      `Expected an ONNX model, got bytes that do not parse (${cause instanceof Error ? cause.message : "damaged"}). Export it again.`,
      { cause },
    )
  }
  if (found.operators.size === 0)
    throw new AppError("bad_model", "Expected an ONNX model, got a file without operators. Export it again.")
  return found
}

/** @throws AppError `bad_model` naming what the graph may not contain. */
export function refuseUntrustedGraph(name: string, bytes: Uint8Array): void {
  const found = readGraphContents(bytes)
  const wrong = [
    ...[...found.operators].filter(
      (operator) => !operator.startsWith(":") || !ALLOWED_OPERATORS.has(operator.slice(1)),
    ),
    ...(found.hasExternalData ? ["data outside the file"] : []),
    ...(found.hasFunctions ? ["local functions"] : []),
    ...(found.hasNestedGraphs ? ["graphs inside operators"] : []),
  ]
  if (wrong.length > 0)
    throw new AppError(
      "bad_model",
      `${name} may hold plain tensor operators only; it holds ${wrong.join(", ")}. Export the model with npm run train.`,
    )
}
