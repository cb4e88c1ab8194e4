import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Table, tableFromIPC } from "apache-arrow"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { CUT_ROLES, customerCuts } from "./customer-cuts.ts"
import { CUSTOMER_FEATURES, type CustomerEvent } from "./customer-features.ts"
import { openCustomerRows } from "./customer-rows.server.ts"

const DAY_MS = 86_400_000
const WINDOW = { startMs: 0, testMs: 200 * DAY_MS, endMs: 400 * DAY_MS }

const event = (type: CustomerEvent["type"], days: number): CustomerEvent => ({
  type,
  atMs: days * DAY_MS,
  receivedMs: days * DAY_MS,
  productId: null,
  priceCents: 1_000,
  quantity: 1,
  source: null,
  orderRef: null,
})

describe("customers.arrow", () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "customers-"))
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function written(shoppers: CustomerEvent[][]): Promise<Table> {
    const path = join(folder, "customers.arrow")
    const rows = openCustomerRows(path, WINDOW)
    for (const [row, events] of shoppers.entries()) await rows.add(row, events)
    const count = await rows.end()
    const table = tableFromIPC(await readFile(path))
    expect(table.numRows).toBe(count)
    return table
  }

  test("holds each customer at each cut by which they had bought, with the outcome after it", async () => {
    const table = await written([
      [event("product_view", 1), event("product_view", 190)],
      [event("purchase", 3), event("purchase", 210), event("purchase", 300)],
      [event("purchase", 199)],
    ])
    const rows = table.toArray().map((row) => row.toJSON())
    const test = CUT_ROLES.indexOf("test")
    const cuts = customerCuts(WINDOW)
    expect(rows.filter((row) => row.row === 0)).toEqual([])
    expect(rows.filter((row) => row.row === 1)).toHaveLength(cuts.length)
    expect(rows.filter((row) => row.row === 2).every((row) => row.role === test)).toBe(true)
    expect(rows.find((row) => row.row === 1 && row.role === test && row.question_days === 0)).toMatchObject({
      as_of_ms: WINDOW.testMs,
      horizon_days: 200,
      orders_next: 2,
      spend_next_cents: 2_000,
      frequency: 0,
      age_days: 197,
    })
    expect(
      rows.find((row) => row.row === 1 && row.role === test && row.question_days === 30)?.orders_next,
    ).toBe(1)
  })

  test("has its columns even without a customer", async () => {
    const table = await written([[event("product_view", 1)]])
    expect(table.schema.fields.map((field) => field.name)).toEqual(
      expect.arrayContaining(["row", "role", "orders_next", "spend_next_cents", ...CUSTOMER_FEATURES]),
    )
  })
})
