import fc from "fast-check"
import { expect, test } from "vitest"
import { canonicalJson, mergeRecords, type RecordState, type Told, wantedSince } from "./merge-record.ts"
import type { RecordKind } from "./record.ts"
import { type RecordRow, stateOfRow, storedState } from "./stored-record.ts"

const told = (values: fc.Arbitrary<unknown>): fc.Arbitrary<Told> =>
  fc.record({ value: values, atMs: fc.integer({ min: 1, max: 5 }) })

/** Few names, values and times, so that ties and overwrites are common. */
const values = fc.oneof(fc.constantFrom(null, true, false, 1, "a", "b"), fc.constant([{ id: "1", x: 2 }]))
const fields = (names: readonly string[]) =>
  fc
    .dictionary(fc.constantFrom(...names), told(values))
    .map((dictionary) => new Map(Object.entries(dictionary)) as ReadonlyMap<string, Told>)

const time = fc.option(fc.integer({ min: 1, max: 5 }), { nil: null })
const EMPTY = (kind: RecordKind): RecordState => ({
  kind,
  parentKey: null,
  fields: new Map(),
  personal: new Map(),
  deletedMs: null,
  wantedMs: null,
  erased: false,
})
const state = (kind: RecordKind): fc.Arbitrary<RecordState> =>
  fc
    .record({
      kind: fc.constant(kind),
      parentKey: fc.constantFrom(null, "p"),
      fields: fields(["lines", "variants", "tracking", "customer", "cartToken", "granted"]),
      personal: fields(["email", "phone"]),
      deletedMs: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, time),
      wantedMs: time,
      erased: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.boolean()),
    })
    .map((given) => mergeRecords(EMPTY(kind), given))

const plain = (record: RecordState) =>
  canonicalJson({
    ...record,
    fields: Object.fromEntries(record.fields),
    personal: Object.fromEntries(record.personal),
  })

const kinds = ["order", "product"] as const

test.each(kinds)("merging %ss does not depend on order or repetition", (kind) => {
  fc.assert(
    fc.property(state(kind), state(kind), state(kind), (a, b, c) => {
      const one = mergeRecords(mergeRecords(a, b), c)
      expect(plain(mergeRecords(a, mergeRecords(b, c)))).toEqual(plain(one))
      expect(plain(mergeRecords(mergeRecords(b, a), c))).toEqual(plain(one))
      expect(plain(mergeRecords(c, mergeRecords(a, b)))).toEqual(plain(one))
      expect(mergeRecords(one, b)).toBe(one)
    }),
    { numRuns: 500 },
  )
})

test.each(kinds)("a stored %s is read back as it was", (kind) => {
  fc.assert(
    fc.property(state(kind), (before) => {
      const stored = storedState(before)
      const row: RecordRow = {
        kind,
        record_key: "1",
        parent_key: before.parentKey,
        shopper_id: null,
        version_ms: stored.versionMs,
        deleted: stored.deleted,
        fields: stored.fields,
        field_versions: stored.fieldVersions,
      }
      const after = stateOfRow(JSON.parse(JSON.stringify(row)), stored.personal)
      // A want that is settled is forgotten; nothing hangs on it any more.
      const wantedMs = wantedSince(before) === before.wantedMs ? before.wantedMs : null
      expect(plain(after)).toEqual(plain({ ...before, wantedMs }))
      expect(wantedSince(after)).toBe(wantedSince(before))
    }),
    { numRuns: 500 },
  )
})

const order = (told: Record<string, [value: unknown, atMs: number]>, overrides: Partial<RecordState> = {}) =>
  mergeRecords(EMPTY("order"), {
    ...EMPTY("order"),
    fields: new Map(Object.entries(told).map(([name, [value, atMs]]) => [name, { value, atMs }])),
    ...overrides,
  })

test("the newest telling of each field stands, whatever came with it", () => {
  const merged = mergeRecords(
    order({ lines: [["old"], 1], channel: ["web", 3] }),
    order({ lines: [["new"], 2], channel: ["pos", 2] }),
  )
  expect(storedState(merged)).toMatchObject({
    fields: { lines: ["new"], channel: "web" },
    versionMs: 3,
    fieldVersions: { lines: 2 },
  })
})

test("field versions are kept only where they differ from the record's", () => {
  expect(storedState(order({ lines: [[], 5], channel: ["web", 5] })).fieldVersions).toEqual({})
})

test("nothing is kept of what is deleted, but a product's words", () => {
  const gone = { deletedMs: 1 }
  expect(storedState(mergeRecords(order({}, gone), order({ channel: ["web", 9] })))).toMatchObject({
    deleted: true,
    fields: {},
  })
  const words = { ...EMPTY("product"), fields: new Map([["title", { value: "Mug", atMs: 9 }]]) }
  expect(storedState(mergeRecords({ ...EMPTY("product"), ...gone }, words))).toMatchObject({
    deleted: true,
    fields: { title: "Mug" },
  })
})

test("an order whose person was erased stays without one", () => {
  const erased = order({}, { erased: true })
  const later = order(
    { customer: ["key", 9], cartToken: ["key", 9], channel: ["web", 9] },
    { personal: new Map([["email", { value: "a@example.com", atMs: 9 }]]) },
  )
  expect(storedState(mergeRecords(erased, later))).toMatchObject({
    fields: { channel: "web" },
    personal: null,
  })
})

test("a want is settled by the whole, not by a part, and not by what is older", () => {
  const wanted = order({}, { wantedMs: 5 })
  expect(wantedSince(wanted)).toBe(5)
  expect(wantedSince(mergeRecords(wanted, order({ channel: ["web", 9] })))).toBe(5)
  expect(wantedSince(mergeRecords(wanted, order({ lines: [[], 4] })))).toBe(5)
  expect(wantedSince(mergeRecords(wanted, order({ lines: [[], 5] })))).toBeNull()
})

test("a product is wanted until it is known whether the stock of each variant counts", () => {
  const told = (name: string, value: unknown, atMs: number) => ({
    ...EMPTY("product"),
    fields: new Map([[name, { value, atMs }]]),
  })
  const variants = told("variants", [{ id: "1" }, { id: "2" }], 7)
  expect(wantedSince(variants)).toBe(7)
  expect(wantedSince(mergeRecords(variants, told("tracking", { 1: true }, 3)))).toBe(7)
  expect(wantedSince(mergeRecords(variants, told("tracking", { 1: true, 2: false }, 3)))).toBeNull()
})
