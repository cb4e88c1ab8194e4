import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { tableFromIPC } from "apache-arrow"
import { afterAll, expect, test } from "vitest"
import { writeLogRows } from "./log-rows.server.ts"
import { timesOf } from "./plain-log.ts"
import { readPlainLog } from "./read-plain-log.server.ts"

const folder = mkdtempSync(join(tmpdir(), "throughline-plain-log-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const NOW_MS = Date.UTC(2026, 5, 1)

async function readCsv(events: string[], items: string[] | null = null) {
  const file = (name: string, lines: string[]) => {
    const path = join(folder, `${name}.csv`)
    writeFileSync(path, `${lines.join("\n")}\n`)
    return { path, asideFile: join(folder, `${name}.aside.jsonl`) }
  }
  return readPlainLog(
    file("events", events),
    items === null ? null : file("items", items),
    NOW_MS,
    () => undefined,
  )
}

test("rows that do not parse are counted and kept with their line, and the rest is read", async () => {
  const { log, events } = await readCsv([
    "shopper,type,at,item",
    "ann,product_view,2026-01-01,MUG",
    "ann,stare,2026-01-02,MUG",
    "bob,product_view,2027-01-01,MUG",
    "ann,purchase,2026-01-03,MUG",
  ])
  expect(events).toMatchObject({ rowsRead: 4, aside: { unknown_type: 1, future_time: 1 } })
  expect(log.shoppers.map((one) => one.map(({ type }) => type))).toEqual([["product_view", "purchase"]])
  const kept = readFileSync(events.asideFile ?? "", "utf8")
    .trim()
    .split("\n")
  expect(kept.map((line) => JSON.parse(line).line)).toEqual([3, 4])
})

test("of events with one id the earliest stays; identical rows without an id all stay", async () => {
  const { log } = await readCsv([
    "shopper,type,at,item,id",
    "ann,product_view,2026-01-05,MUG,e1",
    "ann,product_view,2026-01-02,MUG,e1",
    "bob,product_view,2026-01-09,MUG,e1",
    "bob,product_view,2026-01-03,MUG,",
    "bob,product_view,2026-01-03,MUG,",
  ])
  expect(log.repeatedIds).toBe(2)
  expect(log.shoppers.map((events) => events.length)).toEqual([1, 2])
  expect(Array.from(timesOf(log))).toEqual([2, 3, 3].map((day) => Date.UTC(2026, 0, day)))
})

test("a browser is the person who signs in or orders in its session, unless two do", async () => {
  const { log } = await readCsv([
    "shopper,type,at,item,session,order",
    "browser,product_view,2026-01-02T10:00:00Z,MUG,s1,",
    "bob,product_view,2026-01-01T10:00:00Z,VASE,s0,",
    "ann,login,2026-01-02T10:05:00Z,,s1,",
    "browser,cart_add,2026-01-02T10:04:00Z,MUG,s1,",
    "shared,product_view,2026-01-03T10:00:00Z,MUG,s2,",
    "ann,checkout_contact,2026-01-03T10:01:00Z,,s2,",
    "cid,checkout_contact,2026-01-03T10:02:00Z,,s2,",
    "till,cart_add,2026-01-04T10:00:00Z,MUG,,o1",
    "dee,purchase,2026-01-04T10:01:00Z,MUG,,o1",
  ])
  expect(log.shoppers.map((events) => events.map(({ type }) => type))).toEqual([
    ["product_view"],
    ["product_view", "cart_add", "login", "checkout_contact"],
    ["product_view"],
    ["checkout_contact"],
    ["cart_add", "purchase"],
  ])
  expect(log.joinedShoppers).toBe(2)
})

test("products come from the items file first, the last value of a field stands, and others have a name alone", async () => {
  const { log } = await readCsv(
    ["shopper,type,at,item", "ann,product_view,2026-01-01,VASE", "ann,product_view,2026-01-02,MUG"],
    ["item,title,brand,price", "MUG,Old mug,Larkfield,5.00", "MUG,Mug,,6.50"],
  )
  expect(log.items).toMatchObject([
    { externalId: "MUG", title: "Mug", brand: "Larkfield", priceCents: 650 },
    { externalId: "VASE", title: "", priceCents: null },
  ])
  expect(log.describedItems).toBe(1)
})

test("rows keep the file's order of one moment where it is asked for", async () => {
  const { log } = await readCsv([
    "shopper,type,at,item",
    "ann,purchase,2026-01-01,C",
    "ann,purchase,2026-01-01,A",
    "ann,product_view,2026-01-01,B",
  ])
  const itemsOf = async (momentOrder: "reading" | "given") => {
    await writeLogRows(folder, log, { endMs: NOW_MS, momentOrder }, () => undefined)
    const sequences = tableFromIPC(readFileSync(join(folder, "sequences.arrow")))
    return Array.from(sequences.get(0)?.event_item)
  }
  expect(await itemsOf("given")).toEqual([1, 2, 3])
  expect(await itemsOf("reading")).toEqual([3, 1, 2])
  const items = tableFromIPC(readFileSync(join(folder, "items.arrow")))
  expect(items.getChild("item")?.toArray()).toEqual(["C", "A", "B"])
})
