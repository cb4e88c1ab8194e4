import { createHash } from "node:crypto"
import { expect, test } from "vitest"
import { RepeatFilter } from "./repeat-filter.ts"

const key = (n: number) => createHash("sha256").update(String(n)).digest("binary").slice(0, 16)

test("a key that came before is always seen, and few new ones are taken for it", () => {
  const filter = new RepeatFilter()
  const count = 200_000
  let wrong = 0
  for (let n = 0; n < count; n++) if (filter.seen(key(n))) wrong++
  for (let n = 0; n < count; n += 97) expect(filter.seen(key(n))).toBe(true)
  expect(wrong / count).toBeLessThan(0.001)
})
