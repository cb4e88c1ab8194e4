/**
 * A backup and its restore, with real files and commands: nobody comes back who was erased since, and the others are
 * as they were.
 */
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync, gzipSync } from "node:zlib"
import pg from "pg"
import { beforeAll, expect, inject, test, vi } from "vitest"
import { asAdmin, databaseUrls } from "../../app/cli/prepare-database.ts"
import { restore } from "../../app/cli/restore.ts"
import { ensureShop, shopIdOf, withShopSql } from "../../app/db.server.ts"
import { settlePrivacyRequests } from "../../app/jobs/settle-privacy-requests.ts"
import { updateJourneys } from "../../app/journey/update-journeys.server.ts"
import { readiness } from "../../app/readiness.server.ts"
import { eraseShop } from "../../app/shop/erase-shop.server.ts"
import { erasedNames } from "../../app/shop/erased-names.server.ts"
import { shopKeys } from "../../app/shop/keys.server.ts"
import { recordPrivacyRequest } from "../../app/shop/privacy-requests.server.ts"
import { findSubject } from "../../app/shop/privacy-subject.server.ts"
import { readPersonReport } from "../../app/surface/person-report.server.ts"
import { personReportHtml } from "../../app/surface/person-report-html.ts"
import { testDatabase } from "../support/database.ts"
import { addPerson, type Person, person, personalWords, privacyBody } from "./person.ts"

testDatabase()

// Each test starts several processes, on a machine that may be busy with others.
vi.setConfig({ testTimeout: 120_000 })

const DOMAIN = "restore.myshopify.com"
const folder = mkdtempSync(join(tmpdir(), "throughline-backup-"))
const dataFile = join(folder, "data.gz")
const keysFile = join(folder, "keys.gz")
const [kept, erased, later, unnoticed] = [person(1), person(2), person(3), person(4)]
let shopId: number
let goneShop: number
const ids = new Map<Person, string>()

const root = join(import.meta.dirname, "..", "..")
const ownerUrl = () => String(process.env.DATABASE_OWNER_URL)

function command(name: "backup" | "restore", ...args: string[]) {
  const run = spawnSync(process.execPath, [join(root, "app", "cli", `${name}.ts`), ...args], {
    env: { ...process.env, THROUGHLINE_HOME: folder },
    encoding: "utf8",
  })
  return { code: run.status, said: run.stdout + run.stderr }
}

async function redact(one: Person): Promise<void> {
  const delivery = {
    topic: "customers/redact",
    body: privacyBody(DOMAIN, one),
    triggeredAt: new Date(),
    receivedAt: new Date(),
  } as const
  await withShopSql(shopId, (client) => recordPrivacyRequest(client, shopId, delivery))
  await settlePrivacyRequests(shopId, new Date(), async () => true)
}

/** All that can be found and opened of a person, as the file that they would get; null where nobody is found. */
async function found(one: Person): Promise<string | null> {
  const keys = await shopKeys(shopId)
  const subject = { customerId: one.customerId, email: one.email, orderIds: [one.order] }
  return withShopSql(shopId, async (client) => {
    const shopperIds = await findSubject(client, shopId, keys, subject)
    if (shopperIds.length === 0) return null
    // As of one moment, so that two readings can be compared.
    return personReportHtml(await readPersonReport(client, shopId, keys, shopperIds, new Date(0)))
  })
}

async function rowsOf(shopperId: string | undefined): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of [
    "shoppers",
    "shopper_identities",
    "events",
    "sessions",
    "consents",
    "shopper_links",
    "vault.shopper_keys",
  ])
    await withShopSql(shopId, async (client) => {
      const { rows } = await client.query(`SELECT count(*)::int AS n FROM ${table} WHERE shopper_id = $1`, [
        shopperId,
      ])
      counts[table] = rows[0].n
    })
  return counts
}

/** Every row of the data, in order, as text. */
async function everything(): Promise<string[]> {
  const url = new URL(inject("adminUrl"))
  url.pathname = new URL(ownerUrl()).pathname
  return asAdmin(url.href, async (admin) => {
    const { rows: tables } = await admin.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
       AND NOT relispartition AND relname NOT IN ('_prisma_migrations', 'dirty_shoppers') ORDER BY 1`,
    )
    const all: string[] = []
    for (const { name } of tables) {
      const { rows } = await admin.query<{ row: string }>(
        `SELECT to_jsonb(t)::text AS row FROM ${name} t ORDER BY 1`,
      )
      all.push(...rows.map(({ row }) => `${name} ${row}`))
    }
    return all
  })
}

beforeAll(async () => {
  shopId = await ensureShop(DOMAIN)
  goneShop = await ensureShop("gone-restore.myshopify.com")
  for (const one of [kept, erased]) ids.set(one, await addPerson(shopId, one))
  await addPerson(goneShop, person(9))
  await updateJourneys(shopId, { asOf: new Date() })
})

test("a backup holds everything but the vault: no key, and nothing of a person in the clear", async () => {
  const made = command("backup", dataFile)
  expect(made).toMatchObject({ code: 0, said: expect.stringMatching(/rows of 2 shops/) })
  expect(command("backup", keysFile, "--keys").code).toBe(0)
  expect(statSync(dataFile).mode & 0o077).toBe(0)

  const text = gunzipSync(readFileSync(dataFile)).toString("latin1")
  expect(text).toContain('COPY "public"."shopper_identities"')
  expect(text).not.toContain('"vault"')
  for (const one of [kept, erased])
    for (const word of personalWords(one)) {
      expect(text).not.toContain(word)
      expect(text).not.toContain(Buffer.from(word).toString("hex"))
    }
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ wrapped: string }>(
      `SELECT encode(wrapped, 'hex') AS wrapped FROM vault.shop_keys
       UNION ALL SELECT encode(wrapped, 'hex') FROM vault.shopper_keys`,
    ),
  )
  expect(rows.length).toBeGreaterThan(4)
  for (const { wrapped } of rows) expect(text).not.toContain(wrapped)
})

test("restored where it was made, with nobody erased since, the data is the same row for row", async () => {
  const before = await everything()
  expect(command("restore", dataFile)).toMatchObject({ code: 1, said: expect.stringContaining("--replace") })
  expect(command("restore", dataFile, "--replace")).toMatchObject({
    code: 0,
    said: expect.stringContaining("0 people"),
  })
  expect(await everything()).toEqual(before)
  expect(await readiness()).toEqual({ ready: true })
})

test("who was erased after the backup does not come back with it: not by name, not by number, not opened; others do", async () => {
  const keptBefore = await found(kept)
  const erasedAtBackup = await found(erased)
  for (const word of personalWords(erased)) expect(erasedAtBackup).toContain(word)
  await redact(erased)
  await eraseShop(goneShop)
  expect(await found(erased)).toBe(null)
  ids.set(later, await addPerson(shopId, later))

  const restored = command("restore", dataFile, "--replace")
  expect(restored).toMatchObject({ code: 0, said: expect.stringMatching(/Erased again: [34] people/) })

  expect(await found(erased)).toBe(null)
  expect(Object.values(await rowsOf(ids.get(erased)))).toEqual([0, 0, 0, 0, 0, 0, 0])
  expect(await found(kept)).toBe(keptBefore)
  expect(await shopIdOf("gone-restore.myshopify.com")).toBe(null)
  expect(await readiness()).toEqual({ ready: true })
  // The order keeps its money.
  const { rows } = await withShopSql(shopId, (client) =>
    client.query(
      "SELECT fields->>'totalCents' AS total, shopper_id, sealed FROM shop_records WHERE record_key = $1",
      [erased.order],
    ),
  )
  expect(rows).toEqual([{ total: "1250", shopper_id: null, sealed: null }])
})

test("no key that is left opens the backup's own rows of the erased person", async () => {
  const text = gunzipSync(readFileSync(dataFile)).toString("latin1")
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ shopper_id: string }>("SELECT shopper_id FROM vault.shopper_keys"),
  )
  const identities = /COPY "public"\."shopper_identities"[^\n]*\n([\s\S]*?)\\\.\n/.exec(text)?.[1] ?? ""
  const owners = new Set(
    identities
      .trim()
      .split("\n")
      .map((line) => line.split("\t")[3]),
  )
  expect(owners.has(ids.get(erased))).toBe(true)
  expect(rows.map((row) => row.shopper_id)).toContain(ids.get(kept))
  expect(rows.map((row) => row.shopper_id)).not.toContain(ids.get(erased))
})

test("a message about the erased person that is older than the erasure is known as such after the restore", async () => {
  const keys = await shopKeys(shopId)
  const names = [
    { kind: "customer", name: erased.customerId },
    { kind: "customer", name: kept.customerId },
  ]
  const known = await withShopSql(shopId, (client) => erasedNames(client, shopId, keys, names))
  expect(known.erasedAtMs("customer", erased.customerId)).not.toBe(null)
  expect(known.erasedAtMs("customer", kept.customerId)).toBe(null)
})

test("a number is not given again to somebody new, though the backup ends before it", async () => {
  const fresh = await addPerson(shopId, unnoticed)
  expect(BigInt(fresh)).toBeGreaterThan(BigInt(ids.get(later) ?? 0))
  expect(await ensureShop("brand-new.myshopify.com")).toBeGreaterThan(goneShop)
})

test("an older copy of the keys brings back keys of the others, and of nobody who was erased", async () => {
  await withShopSql(shopId, (client) =>
    client.query("DELETE FROM vault.shopper_keys WHERE shop_id = $1", [shopId]),
  )
  expect(command("restore", keysFile).code).toBe(0)
  expect((await rowsOf(ids.get(kept)))["vault.shopper_keys"]).toBe(1)
  expect((await rowsOf(ids.get(erased)))["vault.shopper_keys"]).toBe(0)
  expect(await found(kept)).toContain(kept.email)
})

test("data that came back by other means is not served until the ledger is replayed", async () => {
  const url = new URL(inject("adminUrl"))
  url.pathname = new URL(ownerUrl()).pathname
  // As a superuser's own restore would do it: the shop as the backup had it, before anyone was erased.
  await asAdmin(url.href, (admin) =>
    admin.query("UPDATE shops SET redactions_applied = 0 WHERE shop_id = $1", [shopId]),
  )
  expect(await readiness()).toEqual({ ready: false, reason: "redactions" })
  const worker = spawnSync(process.execPath, [join(root, "app", "cli", "worker.ts")], {
    env: { ...process.env, NODE_ENV: "production", METRICS_PORT: "0", THROUGHLINE_HOME: folder },
    encoding: "utf8",
    timeout: 20_000,
  })
  expect(worker).toMatchObject({ status: 1, stderr: expect.stringContaining("npm run restore -- --replay") })
  expect(command("restore", "--replay")).toMatchObject({
    code: 0,
    said: expect.stringContaining("Erased again"),
  })
  expect(await readiness()).toEqual({ ready: true })
})

test.each([
  ["cut short", (bytes: Buffer) => bytes.subarray(0, bytes.length - 40)],
  [
    "changed in one letter",
    (bytes: Buffer) => gzipSync(gunzipSync(bytes).toString("latin1").replace("USD", "EUR")),
  ],
  ["of something else", () => gzipSync("DROP TABLE shops;\n")],
])("a backup %s changes nothing", async (_, spoil) => {
  const spoilt = join(folder, "spoilt.gz")
  writeFileSync(spoilt, spoil(readFileSync(dataFile)))
  const before = await everything()
  await expect(restore(ownerUrl(), spoilt, { replace: true })).rejects.toThrow(/Expected a whole backup/)
  expect(await everything()).toEqual(before)
})

test("a backup of a newer version is refused, and says what to do", async () => {
  const newer = join(folder, "newer.gz")
  const text = gunzipSync(readFileSync(dataFile)).toString("latin1")
  const body = text
    .slice(0, text.lastIndexOf("-- end "))
    .replace('"migrations":[', '"migrations":["20990101000000_later",')
  const sha256 = createHash("sha256").update(body, "latin1").digest("hex")
  const foot = `-- end ${JSON.stringify({ rows: {}, sha256 })}\n`
  writeFileSync(newer, gzipSync(Buffer.from(body + foot, "latin1")))
  await expect(restore(ownerUrl(), newer, { replace: true })).rejects.toThrow(
    /20990101000000_later.*newer one/,
  )
})

test("into an empty database of another server's: data, then keys, and everything opens as before", async () => {
  const keptBefore = await found(kept)
  const database = `empty_${process.pid}`
  const adminUrl = inject("adminUrl")
  await asAdmin(adminUrl, (admin) =>
    admin.query(`CREATE DATABASE ${database} TEMPLATE ${inject("templateDatabase")} OWNER throughline_owner`),
  )
  const here = { serving: process.env.DATABASE_URL, owner: process.env.DATABASE_OWNER_URL }
  const there = databaseUrls(adminUrl, database)
  try {
    const env = {
      ...process.env,
      DATABASE_URL: there.servingUrl,
      DATABASE_OWNER_URL: there.ownerUrl,
      THROUGHLINE_HOME: folder,
    }
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [join(root, "app", "cli", "restore.ts"), ...args], {
        env,
        encoding: "utf8",
      })
    const data = run(dataFile)
    expect(data.stdout + data.stderr).toContain("2 shops have no key here")
    expect(run(keysFile).status).toBe(0)
    const client = new pg.Client({ connectionString: there.servingUrl })
    await client.connect()
    await client.query("BEGIN")
    await client.query("SELECT set_config('app.shop_id', $1, true)", [String(shopId)])
    const keys = await shopKeys(shopId)
    const subject = { customerId: kept.customerId, email: kept.email, orderIds: [kept.order] }
    const shopperIds = await findSubject(client, shopId, keys, subject)
    const report = await readPersonReport(
      client as unknown as pg.PoolClient,
      shopId,
      keys,
      shopperIds,
      new Date(0),
    )
    expect(personReportHtml(report)).toBe(keptBefore)
    await client.end()
  } finally {
    process.env.DATABASE_URL = here.serving
    process.env.DATABASE_OWNER_URL = here.owner
    await asAdmin(adminUrl, (admin) => admin.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`))
  }
})
