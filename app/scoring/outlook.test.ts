import { describe, expect, it } from "vitest"
import { EVENT_TYPE_CODES } from "../capture/event.ts"
import { outlook, returnProbability } from "./outlook.ts"

const even = (probability: number) => Math.log(probability / (1 - probability))

describe("the outlook", () => {
  it("is null for a head that the model does not have", () => {
    expect(outlook({})).toEqual({
      nextStage: null,
      nextType: null,
      stepGap: null,
      purchaseProbability: null,
      returnProbabilities: null,
      expectedSpendCents: null,
    })
  })

  it("reads stages and types by their places and codes", () => {
    const types = new Float32Array(32).fill(-50)
    types[EVENT_TYPE_CODES.cart_add] = Math.log(3)
    types[0] = 0
    const read = outlook({
      next_stage_logits: Float32Array.from([0, Math.log(2), 0, 0, 0, 0]),
      next_type_logits: types,
    })
    expect(read.nextStage?.browse).toBeCloseTo(2 / 7)
    expect(read.nextType?.cart_add).toBeCloseTo(0.75)
    expect(read.nextType?.leave).toBeCloseTo(0.25)
  })

  it("expects the mean of zero or log-normal spend, its tail cut", () => {
    const cents = (spread: number) =>
      outlook({ spend: Float32Array.of(0, Math.log(1000), spread) }).expectedSpendCents
    expect(cents(0.5)).toBeCloseTo(500 * Math.exp(0.125), 1)
    expect(cents(9)).toBeCloseTo(500 * Math.exp(2), 0)
  })
})

describe("the return", () => {
  const hazards = Float32Array.from([0.5, 0.5, 0.2, 0.2, 0.2, 0.1, 0.1], even)

  it("adds up over the spans", () => {
    expect(returnProbability(hazards, 0, 1)).toBeCloseTo(0.5)
    expect(returnProbability(hazards, 0, 3)).toBeCloseTo(0.75)
    expect(outlook({ return_hazard_logits: hazards }).returnProbabilities?.[4]).toBeCloseTo(
      1 - 0.25 * 0.8 ** 3,
    )
  })

  it("forgets the spans in which the shopper has stayed away", () => {
    expect(returnProbability(hazards, 3, 4)).toBeCloseTo(0.2)
    expect(returnProbability(hazards, 2, 1)).toBeCloseTo(1 - 0.5 ** 0.5)
    expect(returnProbability(hazards, 0, 30)).toBeGreaterThan(returnProbability(hazards, 14, 30))
  })
})
