import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { NO_BOOSTS } from "./blend.ts"
import { EXPLANATION_ROWS, leaveOneOut, MAX_BATCH, nextBatch } from "./drain.ts"
import type { ScoreMessage } from "./scorer-protocol.ts"

const request = (over: Partial<ScoreMessage>): ScoreMessage => ({
  id: 1,
  key: "a",
  columns: new Int32Array(0),
  excluded: new Int32Array(0),
  boosts: NO_BOOSTS,
  count: 4,
  explain: false,
  heads: false,
  deadlineMs: 100,
  ...over,
})

const queues = fc
  .array(fc.record({ key: fc.constantFrom("a", "b", "c"), deadlineMs: fc.constantFrom(10, 100) }), {
    maxLength: 100,
  })
  .map((parts) => parts.map((part, id) => request({ ...part, id })))

describe("drain batching", () => {
  it("takes the oldest request and all others of its model, in order, and loses none", () => {
    fc.assert(
      fc.property(queues, (queue) => {
        const { requests, rest, expired, key } = nextBatch(queue, 50)
        const all = [...requests, ...rest, ...expired].map(({ id }) => id).sort((a, b) => a - b)
        expect(all).toEqual(queue.map(({ id }) => id))
        expect(requests.every((one) => one.key === key)).toBe(true)
        expect(requests.length).toBeLessThanOrEqual(MAX_BATCH)
        expect(requests.map(({ id }) => id)).toEqual(requests.map(({ id }) => id).sort((a, b) => a - b))
        const oldest = queue.find((one) => one.deadlineMs > 50)
        expect(requests[0]?.id).toBe(oldest?.id)
      }),
    )
  })

  it("does not work for somebody who no longer waits", () => {
    const queue = [request({ id: 1, deadlineMs: 10 }), request({ id: 2 })]
    expect(nextBatch(queue, 50).requests.map(({ id }) => id)).toEqual([2])
  })
})

describe("leaving products out", () => {
  // two columns of length 5: items, and a number that tells the events apart
  const columns = Int32Array.of(0, 7, 9, 7, 8, 0, 1, 2, 3, 4)

  it("takes every event of a product away and closes up, newest product first", () => {
    const left = leaveOneOut([request({ columns, explain: true })], 2)
    expect(left.map(({ row }) => row)).toEqual([8, 7, 9])
    expect([...(left[1]?.columns ?? [])]).toEqual([0, 0, 0, 9, 8, 0, 0, 0, 2, 4])
  })

  it("keeps to its budget of rows, however many ask", () => {
    const one = Int32Array.from({ length: 100 }, (_, index) => (index < 50 ? index + 1 : 1))
    for (const asking of [1, 5, 16, 32]) {
      const requests = Array.from({ length: asking }, (_, id) => request({ id, columns: one, explain: true }))
      const left = leaveOneOut(requests, 2)
      expect(left.length).toBeLessThanOrEqual(EXPLANATION_ROWS)
      expect(new Set(left.map(({ request: index }) => index)).size).toBe(asking)
    }
  })
})
