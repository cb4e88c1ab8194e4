import { expect, test } from "vitest"
import { blockJson, type ShownDecision } from "./block-json.ts"

const decision: ShownDecision & { latencyMs: number; shopperId: bigint } = {
  decisionId: "5f3c2f0e-8f5d-4c3e-9a55-0f7a3f6a0b11",
  outcome: "shown",
  servedBy: "model",
  fallbackReason: null,
  modelVersion: "2026-05-04",
  products: [
    { item: "MUG-001", reason: { kind: "viewed", item: "JUG-002" } },
    { item: "MUG-003", reason: { kind: "popular" } },
    { item: "MUG-004", reason: { kind: "pinned" } },
    { item: "MUG-005", reason: { kind: "viewed", item: "MUG-005" } },
  ],
  latencyMs: 3,
  shopperId: 7n,
}

test("the block learns which products and why, and nothing about the visitor", () => {
  expect(blockJson(decision)).toEqual({
    decisionId: decision.decisionId,
    outcome: "shown",
    servedBy: "model",
    fallbackReason: null,
    modelVersion: "2026-05-04",
    products: [
      { product: "MUG-001", reason: { kind: "viewed", product: "JUG-002" } },
      { product: "MUG-003", reason: { kind: "popular" } },
      { product: "MUG-004" },
      { product: "MUG-005" },
    ],
  })
})

test("a held-out visitor is told no products", () => {
  expect(blockJson({ ...decision, outcome: "withheld" }).products).toEqual([])
})
