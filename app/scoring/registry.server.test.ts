import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { copyOfModel, demoModelFolder, makeShop, spoil, testHome } from "../../tests/support/serving-shop.ts"
import { withShopSql } from "../db.server.ts"
import { cachedModelFiles } from "./model-cache.server.ts"
import { liveModel, publishModel, registerModel } from "./registry.server.ts"

testDatabase()
testHome()

let shopId = 0
beforeAll(async () => {
  shopId = await makeShop("registry.myshopify.com", 3)
})

/** Turns one bit of each byte in a stretch of the file: mostly exponents of weights, so that the graph still runs. */
const damage = (from: number, to: number) => (bytes: Buffer) => {
  const spoilt = Buffer.from(bytes)
  for (let at = Math.floor(bytes.length * from); at < bytes.length * to; at += 1)
    spoilt[at] = (spoilt[at] ?? 0) ^ 0x40
  return spoilt
}

describe("a model in the registry", () => {
  it("is one row however often it is registered, and serves once published", async () => {
    const modelId = await registerModel(shopId, demoModelFolder)
    expect(await registerModel(shopId, demoModelFolder)).toBe(modelId)
    expect(await liveModel(shopId)).toBeNull()
    await publishModel(shopId, modelId)
    const live = await liveModel(shopId)
    expect(live?.modelId).toBe(modelId)
    expect(live?.version).toContain(live?.sha256.slice(0, 8))
  })

  it("belongs to its shop: another shop can neither publish nor read it", async () => {
    const modelId = await registerModel(shopId, demoModelFolder)
    const other = await makeShop("other.myshopify.com", 1)
    await expect(publishModel(other, modelId)).rejects.toMatchObject({ code: "not_found" })
    await expect(cachedModelFiles(other, modelId)).rejects.toMatchObject({ code: "not_found" })
  })

  it("is refused when its inputs are not those of this program", async () => {
    const folder = copyOfModel()
    const path = join(folder, "manifest.json")
    const manifest = JSON.parse(readFileSync(path, "utf8"))
    writeFileSync(path, JSON.stringify({ ...manifest, contract_hash: "0".repeat(64) }))
    await expect(registerModel(shopId, folder)).rejects.toThrow(/contract 000000000000….*Train it again/)
  })

  it("is refused when it reads pictures, of which this program makes no vectors", async () => {
    const folder = copyOfModel()
    const path = join(folder, "manifest.json")
    const manifest = JSON.parse(readFileSync(path, "utf8"))
    writeFileSync(path, JSON.stringify({ ...manifest, image_dimension: 32 }))
    await expect(registerModel(shopId, folder)).rejects.toThrow(/vector of 32 numbers.*makes none/)
  })

  it.each(["item_tower.onnx", "encoder.onnx", "scorer.onnx", "items.json", "golden.json"])(
    "is refused when a byte of %s is not the one that was trained",
    async (name) => {
      const folder = copyOfModel()
      const bytes = readFileSync(join(folder, name))
      const at = bytes.length >> 1
      bytes[at] = (bytes[at] ?? 0) ^ 1
      writeFileSync(join(folder, name), bytes)
      await expect(registerModel(shopId, folder)).rejects.toThrow(`${name} has SHA-256`)
    },
  )

  it.each([
    ["item_tower.onnx", 0.4, 0.6],
    ["encoder.onnx", 0.3, 0.31],
    ["encoder.onnx", 0.5, 0.51],
    ["encoder.onnx", 0.7, 0.71],
  ])(
    "may not serve with damaged weights in %s at %d, though its hash was made to fit",
    async (name, from, to) => {
      const before = await liveModel(shopId)
      const folder = copyOfModel()
      spoil(folder, name, damage(from, to))
      const served = registerModel(shopId, folder).then((modelId) => publishModel(shopId, modelId))
      await expect(served).rejects.toMatchObject({ code: "bad_model" })
      expect((await liveModel(shopId))?.modelId).toBe(before?.modelId)
    },
  )

  it("comes back into the cache from the database when the file there is damaged", async () => {
    const modelId = await registerModel(shopId, demoModelFolder)
    const { "encoder.onnx": file } = await cachedModelFiles(shopId, modelId)
    const good = readFileSync(file.path)
    writeFileSync(file.path, "damaged")
    await cachedModelFiles(shopId, modelId)
    expect(readFileSync(file.path).equals(good)).toBe(true)
  })

  it("is refused when the database's own copy is damaged", async () => {
    const folder = copyOfModel()
    spoil(folder, "items.json", () => Buffer.from('["only"]'))
    const modelId = await registerModel(shopId, folder)
    await withShopSql(shopId, (client) =>
      client.query(
        "UPDATE model_files SET bytes = 'x' WHERE shop_id = $1 AND model_id = $2 AND name = 'items.json'",
        [shopId, modelId],
      ),
    )
    await expect(publishModel(shopId, modelId)).rejects.toMatchObject({ code: "bad_model" })
  })
})
