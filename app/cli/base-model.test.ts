import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { importEvents } from "../capture/import-events.server.ts"
import { ensureShop, withShopSql } from "../db.server.ts"
import { setSharesTraining } from "../shop/training-sharing.server.ts"
import { readOptions } from "./base-model/options.ts"
import { pretrain, sharedRows } from "./base-model.ts"

testDatabase()

const folder = mkdtempSync(join(tmpdir(), "throughline-base-model-"))
const domains = ["shares.myshopify.com", "keeps.myshopify.com"]
let sharing: number

beforeAll(async () => {
  const events = join(folder, "events.csv")
  writeFileSync(events, "shopper,type,at,item\nann,product_view,2026-01-01T10:00:00Z,mug\n")
  for (const domain of domains)
    await importEvents(await ensureShop(domain), events, {
      nowMs: Date.UTC(2026, 1, 1),
      asideFile: join(folder, "aside.jsonl"),
    })
  sharing = await ensureShop("shares.myshopify.com")
})
afterAll(() => rmSync(folder, { recursive: true }))

const share = (on: boolean) =>
  withShopSql(sharing, (client) => setSharesTraining(client, sharing, { share: on, actor: "staff:1" }))
const notedOf = async (shopId: number) => {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query("SELECT actor, action FROM access_log WHERE shop_id = $1 AND actor LIKE 'command:%'", [
      shopId,
    ]),
  )
  return rows
}
const options = (...args: string[]) => {
  const read = readOptions(args, folder)
  if (read === "help") throw new Error("expected options")
  return read
}

test("where no shop shares and no log is given, it says what to do", async () => {
  await expect(pretrain(folder, options())).rejects.toMatchObject({
    code: "not_enough_data",
    message: expect.stringMatching(/found none\. A merchant turns it on under Privacy .*--logs DIR/),
  })
  expect(existsSync(join(folder, "pretraining", "rows"))).toBe(false)
})

test("rows of shops that share are written and noted in their own access log, and no other shop's", async () => {
  await share(true)
  const rows = join(folder, "rows")
  expect(await sharedRows(rows)).toEqual([join(rows, `shop-${sharing}`)])
  expect(readdirSync(rows)).toEqual([`shop-${sharing}`])
  expect(readdirSync(join(rows, `shop-${sharing}`))).toContain("sequences.arrow")
  expect(await notedOf(sharing)).toEqual([
    { actor: "command:base-model", action: "wrote_training_rows_for_a_shared_model" },
  ])
  expect(await notedOf(await ensureShop("keeps.myshopify.com"))).toEqual([])
})

test("a shop that stopped sharing is left out", async () => {
  await share(false)
  expect(await sharedRows(join(folder, "rows-after"))).toEqual([])
})

test("what it is called with is read, and what is wrong is named", () => {
  expect(options("--logs", "a", "b", "--only-logs", "--held-out", "c", "--epochs", "3")).toEqual({
    logs: [join(process.cwd(), "a"), join(process.cwd(), "b")],
    onlyLogs: true,
    heldOut: [join(process.cwd(), "c")],
    scaling: false,
    out: join(folder, "base-model.pt"),
    seed: 1,
    epochs: 3,
  })
  for (const [args, said] of [
    [["--seed", "none"], /--seed must be a whole number/],
    [["a"], /Expected folders after --logs, got "a"/],
    [["--only-logs"], /--only-logs needs --logs DIR/],
    [["--base"], /--base/],
    [["--scaling", "--held-out", "a"], /--held-out is for a base model/],
  ] as const)
    expect(() => readOptions(args, folder)).toThrow(said)
})

test("a folder without events is named", async () => {
  await expect(pretrain(folder, options("--only-logs", "--logs", join(folder, "rows")))).rejects.toThrow(
    /--logs: expected a folder with events\.csv/,
  )
})

test("how it grows is drawn of a log of one's own, as a page with all of its figures", async () => {
  const log = join(folder, "shop")
  mkdirSync(log)
  const shelf = (shopper: number, step: number) => (shopper % 5) * 6 + ((shopper * step) % 6)
  const rows = Array.from({ length: 960 }, (_, event) => {
    const [shopper, step] = [event % 120, Math.floor(event / 120)]
    const at = new Date(Date.UTC(2026, 0, 1 + shopper / 4, 8, step)).toISOString()
    return `s${shopper},product_view,${at},p${shelf(shopper, step)}`
  })
  writeFileSync(join(log, "events.csv"), `shopper,type,at,item\n${rows.join("\n")}\n`)
  const page = join(folder, "scaling.html")
  await pretrain(folder, options("--scaling", "--logs", log, "--only-logs", "--epochs", "1", "--out", page))
  const drawn = readFileSync(page, "utf8")
  expect(drawn.match(/<tr><th scope="row">d (16|32|64|128)<\/th>/g)).toHaveLength(16)
  expect(drawn).toMatch(/One log, seed 1/)
  expect(existsSync(join(folder, "pretraining", "rows"))).toBe(false)
}, 600_000)
