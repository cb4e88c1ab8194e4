import fc from "fast-check"
import { expect, test } from "vitest"
import { eventsOfSequence } from "./amazon-sequences.ts"

const name = fc.stringMatching(/^[a-z0-9]{1,8}$/)

test("times carry the order of a line: strictly rising, every shopper's last at the same time", () => {
  fc.assert(
    fc.property(name, fc.array(name, { minLength: 1, maxLength: 50 }), (shopper, items) => {
      const events = eventsOfSequence([shopper, ...items].join(" "))
      if (typeof events === "string") throw new Error(events)
      expect(events.map(({ item }) => item)).toEqual(items)
      expect(events.every((event) => event.shopper === shopper && event.type === "purchase")).toBe(true)
      for (const [index, event] of events.entries())
        expect(event.atMs).toBeGreaterThan(events[index - 1]?.atMs ?? 0)
      const [alone] = eventsOfSequence(`${shopper} x`)
      expect(events.at(-1)?.atMs).toBe(typeof alone === "object" ? alone.atMs : null)
    }),
  )
})

test("a user without items is left out", () => {
  expect(eventsOfSequence("17")).toBe("bad_line")
})
