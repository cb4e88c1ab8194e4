import { describe, expect, it } from "vitest"
import { goldenMismatch } from "./golden.ts"

describe("the golden check", () => {
  it("allows what another processor rounds differently: 1e-5 + 1e-4 of the value", () => {
    expect(goldenMismatch("v", [[1, 100]], [1.0001, 100.01], "float32")).toBeNull()
    expect(goldenMismatch("v", [[1, 100]], [1.0002, 100], "float32")).toContain("v[0]")
    expect(goldenMismatch("v", [[1, 100]], [1, 100.02], "float32")).toContain("v[1]")
  })

  it("does not take NaN, a missing value or an infinite one for right", () => {
    expect(goldenMismatch("v", [[0]], [Number.NaN], "float32")).not.toBeNull()
    expect(goldenMismatch("v", [[0, 1]], [0], "float32")).toContain("1 values, expected 2")
    expect(goldenMismatch("v", [[0]], [Number.POSITIVE_INFINITY], "float32")).not.toBeNull()
  })

  it("wants ranks to be the very same", () => {
    expect(goldenMismatch("top", [[3, 1]], [3n, 1n], "exact")).toBeNull()
    expect(goldenMismatch("top", [[3, 1]], [1n, 3n], "exact")).toContain("top[0]")
  })
})
