import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { ensureShop, withShopSql } from "../db.server.ts"
import { eraseShoppers } from "../shop/erase-shoppers.server.ts"
import { shopKeys } from "../shop/keys.server.ts"
import { importEvents } from "./import-events.server.ts"
import { findShopper } from "./shopper-names.server.ts"

testDatabase()

const file = join(mkdtempSync(join(tmpdir(), "throughline-erased-")), "events.csv")
const at = (minute: number) => new Date(Date.now() - (60 - minute) * 60_000).toISOString()

test("a file that names an erased person brings in the others alone, and what was passed over is counted", async () => {
  // The erased one comes first, with the product that the other one looks at too.
  const rows = [`ann,product_view,${at(1)},MUG`, `ben,product_view,${at(2)},MUG`, `ann,search,${at(3)},`]
  writeFileSync(file, `shopper,type,at,item\n${rows.join("\n")}\n`)
  const shopId = await ensureShop("import-erased.myshopify.com")
  const keys = await shopKeys(shopId)
  const load = () => importEvents(shopId, file, { nowMs: Date.now() })
  const find = (name: string) =>
    withShopSql(shopId, (client) => findShopper(client, shopId, keys, "source", name))
  const sql = async (text: string) => (await withShopSql(shopId, (client) => client.query(text))).rows

  expect(await load()).toMatchObject({ rowsAdded: 3 })
  const [ann, ben] = [await find("ann"), await find("ben")]
  await withShopSql(shopId, (client) => eraseShoppers(client, shopId, keys, [String(ann)]))
  expect(await load()).toMatchObject({ rowsAdded: 0 })
  expect(await find("ann")).toBe(null)
  expect(await find("ben")).toBe(ben)
  expect(await sql("SELECT count FROM counters WHERE name = 'drop:erased_person'")).toEqual([{ count: "2" }])

  await withShopSql(shopId, (client) => client.query("DELETE FROM events WHERE shop_id = $1", [shopId]))
  expect(await load()).toMatchObject({ rowsAdded: 1 })
  expect(await sql("SELECT count(*)::int AS n FROM shoppers")).toEqual([{ n: 1 }])
})
