import { expect, test } from "vitest"
import { RETAINED, RETAINED_WORDS, retentionDays, retentionSettings, retentionWords } from "./retention.ts"

test("every kind has a period and words for it, and inbox keys go within 30 days", () => {
  const days = retentionDays(retentionSettings.parse({}))
  for (const kind of RETAINED) {
    expect(days[kind]).not.toBe(undefined)
    expect(RETAINED_WORDS[kind]).toMatch(/^[A-Z]/)
  }
  expect(days.inbox_bodies).toBeLessThan(30)
})

test("a merchant sets how long browsing is kept, within bounds", () => {
  expect(retentionDays(retentionSettings.parse({ browsingMonths: 6 })).browsing).toBe(183)
  expect(retentionSettings.safeParse({ browsingMonths: 0 }).success).toBe(false)
  expect(retentionSettings.safeParse({ browsingMonths: 1_000 }).success).toBe(false)
})

test.each([
  [null, "as long as the shop uses the app"],
  [29, "29 days"],
  [90, "90 days"],
  [183, "183 days"],
  [396, "13 months"],
  [730, "2 years"],
  [761, "25 months"],
  [1_096, "3 years"],
])("%s days are %s", (days, words) => {
  expect(retentionWords(days)).toBe(words)
})
