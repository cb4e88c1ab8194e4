import { spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { ensureShop, withShopSql } from "../db.server.ts"
import { open, seal, shopKeyPlace, shopKeys } from "../shop/keys.server.ts"

testDatabase()

const OLD = Buffer.alloc(32, 7)
const NEW = randomBytes(32)
const oldEntry = `test:${OLD.toString("base64")}`
const newEntry = `new:${NEW.toString("base64")}`

/** As its own process, for a process reads the keys once. */
function rotate(keys: string) {
  const run = spawnSync(process.execPath, [join(import.meta.dirname, "rotate-keys.ts")], {
    env: { ...process.env, THROUGHLINE_KEYS: keys, DATABASE_OWNER_URL: "" },
    encoding: "utf8",
  })
  return { code: run.status, said: run.stdout + run.stderr }
}

async function wrappedKey(shopId: number): Promise<{ app_key_id: string; wrapped: Buffer }> {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query("SELECT app_key_id, wrapped FROM vault.shop_keys WHERE shop_id = $1", [shopId]),
  )
  return rows[0]
}

test("every shop's key, also of one that left, opens by the new key alone, and is the same key as before", async () => {
  const shops: number[] = []
  for (let n = 0; n < 12; n++) {
    const shopId = await ensureShop(`rotate-${n}.myshopify.com`)
    await shopKeys(shopId)
    shops.push(shopId)
  }
  const [left = 0] = shops
  await withShopSql(left, (client) => client.query("UPDATE shops SET uninstalled_at = now()"))
  const before = new Map<number, Buffer>()
  for (const shopId of shops)
    before.set(shopId, open(OLD, (await wrappedKey(shopId)).wrapped, shopKeyPlace(shopId)))

  expect(rotate(newEntry)).toMatchObject({ code: 1, said: expect.stringContaining('app key "test"') })

  const first = rotate(`${newEntry},${oldEntry}`)
  expect(first).toMatchObject({ code: 0, said: expect.stringContaining("12 rewrapped, 0 were current") })
  for (const shopId of shops) {
    const { app_key_id, wrapped } = await wrappedKey(shopId)
    expect(app_key_id).toBe("new")
    expect(open(NEW, wrapped, shopKeyPlace(shopId))).toEqual(before.get(shopId))
    expect(() => open(OLD, wrapped, shopKeyPlace(shopId))).toThrow(/does not open/)
  }

  expect(rotate(newEntry)).toMatchObject({
    code: 0,
    said: expect.stringContaining("0 rewrapped, 12 were current"),
  })
})

test("a run that was cut off goes on with the shops that are left", async () => {
  const shopId = await ensureShop("rotate-later.myshopify.com")
  await withShopSql(shopId, (client) =>
    client.query("INSERT INTO vault.shop_keys (shop_id, app_key_id, wrapped) VALUES ($1, 'test', $2)", [
      shopId,
      seal(OLD, randomBytes(32), shopKeyPlace(shopId)),
    ]),
  )
  expect(rotate(`${newEntry},${oldEntry}`).said).toContain("1 rewrapped, 12 were current")
})
