import { expect, test } from "vitest"
import { addPerson, type Person, person, personalWords, privacyBody } from "../../tests/privacy/person.ts"
import { testDatabase } from "../../tests/support/database.ts"
import { ensureShop, shopIdOf, withShopSql } from "../db.server.ts"
import { updateJourneys } from "../journey/update-journeys.server.ts"
import { erasedNames } from "../shop/erased-names.server.ts"
import { shopKeys } from "../shop/keys.server.ts"
import { readAnswer } from "../shop/privacy-answer.server.ts"
import { recordPrivacyRequest } from "../shop/privacy-requests.server.ts"
import type { PrivacyTopic } from "../shop/webhook-topics.ts"
import { settlePrivacyRequests } from "./settle-privacy-requests.ts"

testDatabase()

const NOW = new Date()
let shops = 0

async function newShop() {
  const domain = `privacy-${++shops}.myshopify.com`
  return { domain, shopId: await ensureShop(domain) }
}

const ask = (shopId: number, topic: PrivacyTopic, body: string, triggeredAt = NOW) =>
  withShopSql(shopId, (client) =>
    recordPrivacyRequest(client, shopId, { topic, body, triggeredAt, receivedAt: NOW }),
  )
const sql = async (shopId: number, text: string, values: unknown[] = []) =>
  (await withShopSql(shopId, (client) => client.query(text, values))).rows
const requests = (shopId: number) =>
  sql(
    shopId,
    "SELECT request_id, kind, state, subject, reason, due_at FROM privacy_requests ORDER BY received_at",
  )
const settle = (shopId: number, hasApp = async () => true) => settlePrivacyRequests(shopId, NOW, hasApp)

async function download(shopId: number, requestId: string) {
  const keys = await shopKeys(shopId)
  return withShopSql(shopId, (client) => readAnswer(client, shopId, keys, requestId, "staff:77"))
}

/** Rows of any table in which this shopper stands. */
async function tracesOf(shopId: number, shopperId: string): Promise<string[]> {
  const tables = await sql(
    shopId,
    `SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'shopper_id'
     WHERE n.nspname IN ('public', 'vault') AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
  )
  const found: string[] = []
  for (const { name } of tables) {
    const [row] = await sql(shopId, `SELECT count(*)::int AS rows FROM ${name} WHERE shopper_id = $1`, [
      shopperId,
    ])
    if (row.rows > 0) found.push(name)
  }
  return found
}

test("a request for what is held becomes one file with everything, readable by staff, and each reading is noted", async () => {
  const { shopId, domain } = await newShop()
  const one = person(1)
  const other = person(2)
  await addPerson(shopId, one)
  await addPerson(shopId, other)
  await updateJourneys(shopId, { asOf: NOW })
  const body = privacyBody(domain, one, { data_request: { id: 4711 } })
  expect(await ask(shopId, "customers/data_request", body)).toBe("recorded")
  const [asked] = await requests(shopId)
  expect(asked).toMatchObject({ request_id: "data_request-4711", state: "pending" })
  expect(asked.due_at.getTime() - NOW.getTime()).toBe(30 * 86_400_000)
  await settle(shopId)
  expect(await requests(shopId)).toMatchObject([{ state: "ready", subject: null }])

  const file = await download(shopId, "data_request-4711")
  for (const word of personalWords(one)) expect(file).toContain(word)
  for (const word of [
    "Looked at a product",
    "Searched",
    "Bought",
    one.order,
    "12.50 USD",
    "because you looked at p1",
  ])
    expect(file).toContain(word)
  for (const word of personalWords(other)) expect(file).not.toContain(word)
  expect(await requests(shopId)).toMatchObject([{ state: "done" }])
  expect(await sql(shopId, "SELECT actor, action FROM access_log ORDER BY access_id")).toEqual([
    { actor: "job:settle_privacy_requests", action: "collect_data_request" },
    { actor: "staff:77", action: "read_data_request" },
  ])
})

test("of a person of whom nothing is held, the answer is just that", async () => {
  const { shopId, domain } = await newShop()
  await ask(shopId, "customers/data_request", privacyBody(domain, person(3), { data_request: { id: 1 } }))
  await settle(shopId)
  expect(await requests(shopId)).toMatchObject([{ state: "nothing_held", subject: null }])
  await expect(download(shopId, "data_request-1")).rejects.toThrow(/there is none/)
})

test("an erased person is nowhere: no key, no name, no event, no visit; money and everybody else stay", async () => {
  const { shopId, domain } = await newShop()
  const one = person(4)
  const other = person(5)
  const shopperId = await addPerson(shopId, one)
  const otherId = await addPerson(shopId, other)
  await updateJourneys(shopId, { asOf: NOW })
  const members = await sql(
    shopId,
    "SELECT shopper_id FROM shoppers WHERE shopper_id = $1 OR merged_into = $1 ORDER BY 1",
    [shopperId],
  )
  expect(members).toHaveLength(3)
  await ask(shopId, "customers/data_request", privacyBody(domain, one, { data_request: { id: 2 } }))
  await settle(shopId)
  const before = await tracesOf(shopId, otherId)

  const body = privacyBody(domain, one, { orders_to_redact: [Number(one.order)] })
  await ask(shopId, "customers/redact", body)
  await settle(shopId)

  for (const member of members)
    expect(await tracesOf(shopId, member.shopper_id)).toEqual(
      expect.not.arrayContaining(["public.events", "public.sessions", "vault.shopper_keys"]),
    )
  // What is left of the number: that it was erased, and that its data was read.
  expect(await tracesOf(shopId, shopperId)).toEqual(["public.access_log", "vault.redactions"])
  expect(await tracesOf(shopId, otherId)).toEqual(before)
  await expect(download(shopId, "data_request-2")).rejects.toThrow(/erased/)
  expect(
    await sql(
      shopId,
      "SELECT fields->>'totalCents' AS total, sealed, shopper_id FROM shop_records WHERE record_key = $1",
      [one.order],
    ),
  ).toEqual([{ total: "1250", sealed: null, shopper_id: null }])
  expect(await sql(shopId, "SELECT count(*)::int AS n FROM shop_records WHERE kind = 'cart'")).toEqual([
    { n: 1 },
  ])
  const [map] = await sql(
    shopId,
    "SELECT sum(transitions)::int AS n FROM journey_map_edges WHERE from_step = -9",
  )
  const [visits] = await sql(shopId, "SELECT count(*)::int AS n FROM sessions")
  expect(visits.n).toBe(1)
  expect(map.n ?? 0).toBeGreaterThan(0)
})

test("a name of an erased person is known as such, with its time, and says nothing to who reads the ledger", async () => {
  const { shopId, domain } = await newShop()
  const one = person(6)
  await addPerson(shopId, one)
  await ask(shopId, "customers/redact", privacyBody(domain, one))
  await settle(shopId)
  const keys = await shopKeys(shopId)
  const erased = await withShopSql(shopId, (client) =>
    erasedNames(client, shopId, keys, [
      { kind: "customer", name: one.customerId },
      { kind: "email", name: one.email },
      { kind: "browser", name: one.browser },
      { kind: "customer", name: "12" },
    ]),
  )
  for (const [kind, name] of [
    ["customer", one.customerId],
    ["email", one.email],
    ["browser", one.browser],
  ] as const)
    expect(erased.erasedAtMs(kind, name)).toBeGreaterThan(NOW.getTime() - 60_000)
  expect(erased.erasedAtMs("customer", "12")).toBe(null)
  expect(erased.erasedAtMs("email", one.customerId)).toBe(null)
})

test("erasing somebody who is not held leaves a word that nothing older brings them in", async () => {
  const { shopId, domain } = await newShop()
  const one = person(7)
  await ask(shopId, "customers/redact", privacyBody(domain, one))
  await settle(shopId)
  expect(await requests(shopId)).toMatchObject([{ state: "nothing_held" }])
  const keys = await shopKeys(shopId)
  const erased = await withShopSql(shopId, (client) =>
    erasedNames(client, shopId, keys, [{ kind: "email", name: one.email }]),
  )
  expect(erased.erasedAtMs("email", one.email)).not.toBe(null)
})

test("a person found by the e-mail address alone, however it is written, or by an order alone, is the same person", async () => {
  const { shopId, domain } = await newShop()
  const [one, two] = [person(8), person(9)]
  await addPerson(shopId, one)
  await addPerson(shopId, two)
  const byMail = { shop_domain: domain, customer: { id: null, email: ` ${one.email.toUpperCase()} ` } }
  const byOrder = { shop_domain: domain, orders_to_redact: [Number(two.order)] }
  await ask(shopId, "customers/redact", JSON.stringify(byMail))
  await ask(shopId, "customers/redact", JSON.stringify(byOrder))
  await settle(shopId)
  expect(await sql(shopId, "SELECT count(*)::int AS n FROM shopper_identities")).toEqual([{ n: 0 }])
})

test("the same request twice is one; the same words at another time are another", async () => {
  const { shopId, domain } = await newShop()
  const body = privacyBody(domain, person(10))
  await ask(shopId, "customers/redact", body)
  await ask(shopId, "customers/redact", body)
  expect(await requests(shopId)).toHaveLength(1)
  await ask(shopId, "customers/redact", body, new Date(NOW.getTime() + 60_000))
  expect(await requests(shopId)).toHaveLength(2)
})

test.each([
  ["no JSON", "{"],
  ["nobody named", JSON.stringify({ shop_domain: "DOMAIN", customer: {} })],
  ["another shop's message", privacyBody("elsewhere.myshopify.com", person(11))],
])("%s is dropped and leaves nothing", async (_, body) => {
  const { shopId, domain } = await newShop()
  expect(await ask(shopId, "customers/redact", body.replace("DOMAIN", domain))).toBe("bad_payload")
  expect(await requests(shopId)).toEqual([])
})

test("what a pending request names lies sealed", async () => {
  const { shopId, domain } = await newShop()
  const one: Person = person(12)
  await ask(shopId, "customers/redact", privacyBody(domain, one))
  const [row] = await sql(shopId, "SELECT to_jsonb(p)::text AS text, subject FROM privacy_requests p")
  for (const word of personalWords(one)) {
    expect(row.text).not.toContain(word)
    expect(row.subject.includes(Buffer.from(word))).toBe(false)
  }
})

test("a shop that left is erased, also where its uninstall was never told; one that has the app is not", async () => {
  const [left, untold, there] = [await newShop(), await newShop(), await newShop()]
  for (const { shopId, domain } of [left, untold, there]) {
    await addPerson(shopId, person(13))
    await ask(shopId, "shop/redact", JSON.stringify({ shop_id: 1, shop_domain: domain }))
  }
  await sql(left.shopId, "UPDATE shops SET uninstalled_at = now()")
  await settle(left.shopId, async () => {
    throw new Error("Nobody needs to ask about a shop that said it left.")
  })
  await settle(untold.shopId, async () => false)
  await settle(there.shopId, async () => true)
  expect(await shopIdOf(left.domain)).toBe(null)
  expect(await shopIdOf(untold.domain)).toBe(null)
  expect(await shopIdOf(there.domain)).toBe(there.shopId)
  expect(await requests(there.shopId)).toMatchObject([
    { state: "refused", reason: expect.stringContaining("installed") },
  ])
  expect(await sql(left.shopId, "SELECT kind FROM vault.redactions")).toEqual([{ kind: "shop" }])
})

test("a shop that comes back after its erasure is a new one, with nothing of before", async () => {
  const { shopId, domain } = await newShop()
  await addPerson(shopId, person(14))
  await ask(shopId, "shop/redact", JSON.stringify({ shop_id: 1, shop_domain: domain }))
  await settle(shopId, async () => false)
  const back = await ensureShop(domain)
  expect(back).not.toBe(shopId)
  expect(await sql(back, "SELECT count(*)::int AS n FROM shoppers")).toEqual([{ n: 0 }])
})
