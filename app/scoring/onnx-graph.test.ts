import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { readGraphContents, refuseUntrustedGraph } from "./onnx-graph.ts"

/** Protobuf by hand, so that graphs exist that no exporter would write. */
const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]
const field = (number: number, body: number[]): number[] => [
  ...varint(number * 8 + 2),
  ...varint(body.length),
  ...body,
]
const number = (at: number, value: number): number[] => [...varint(at * 8), ...varint(value)]
const string = (at: number, value: string): number[] => field(at, [...Buffer.from(value)])
const node = (operator: string, domain = "", extra: number[] = []): number[] =>
  field(1, [...string(4, operator), ...(domain ? string(7, domain) : []), ...extra])
const model = (graph: number[], extra: number[] = []): Uint8Array =>
  Uint8Array.from([...number(1, 8), ...field(7, graph), ...extra])

const externalTensor = [...string(8, "weight"), ...field(13, string(1, "location")), ...number(14, 1)]

describe("the operator allow-list", () => {
  it("passes plain tensor operators", () => {
    expect(() =>
      refuseUntrustedGraph("a.onnx", model([...node("MatMul"), ...node("TopK", "ai.onnx")])),
    ).not.toThrow()
  })

  it.each([
    [
      "an operator of another domain",
      model(node("FusedMatMul", "com.microsoft")),
      "com.microsoft:FusedMatMul",
    ],
    [
      "an operator that branches",
      model(node("If", "", field(5, field(6, node("Add"))))),
      "graphs inside operators",
    ],
    ["an operator that it does not know", model(node("LoadFile")), ":LoadFile"],
    [
      "weights in another file",
      model([...node("Add"), ...field(5, externalTensor)]),
      "data outside the file",
    ],
    [
      "a constant in another file",
      model(node("Constant", "", field(5, field(5, externalTensor)))),
      "data outside the file",
    ],
    ["a function of the model's own", model(node("Add"), field(25, string(1, "f"))), "local functions"],
  ])("refuses %s", (_, bytes, named) => {
    expect(() => refuseUntrustedGraph("a.onnx", bytes)).toThrow(named)
  })

  it("finds an operator that is hidden in a nested graph", () => {
    const contents = readGraphContents(model(node("Loop", "", field(5, field(6, node("Evil", "x"))))))
    expect(contents.operators).toContain("x:Evil")
  })

  it("calls any other bytes a bad model, and never fails in another way", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          refuseUntrustedGraph("a.onnx", bytes)
        } catch (error) {
          expect(error).toMatchObject({ code: "bad_model" })
        }
      }),
    )
  })
})
