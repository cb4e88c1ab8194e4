import { mkdirSync } from "node:fs"
import { join } from "node:path"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { EVENT_TYPE_CODES } from "../../app/capture/event.ts"
import { withShopSql } from "../../app/db.server.ts"
import { updateJourneys } from "../../app/journey/update-journeys.server.ts"
import { blindIndex, shopKeys } from "../../app/shop/keys.server.ts"
import { launchBrowser } from "../support/browser.ts"
import { testDatabase } from "../support/database.ts"
import { type NewShop, openNewShop } from "./new-shop.ts"
import { BLOCK, newVisit, personalSlate } from "./page.ts"

testDatabase()

let shop: NewShop
let browser: Browser

beforeAll(async () => {
  shop = await openNewShop()
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await shop?.close()
})

/** A worker looks once a second, and a loaded machine is slow. */
const SLOW = { timeout: 90_000 }
const WITHIN_MS = 180_000
/** The log ends before it: what is seen from here on is this test's. */
const firstDay = new Date().toISOString().slice(0, 10)

test(
  "a merchant installs with a click, and sees the history come in",
  async () => {
    const { page, context, errors } = await newVisit(browser)
    const { shop: simulated } = shop.site
    await page.goto(simulated.adminUrl())
    expect(await page.getByText("View orders of the last 60 days").isVisible()).toBe(true)
    await picture(page, "install")
    // Shopify takes its time over an export: long enough to look at the page.
    simulated.admin.bulk.held = true
    await page.getByRole("button", { name: "Install" }).click()
    const app = page.frameLocator("iframe[name=app]")
    await app.getByRole("heading", { name: "Your shop’s history" }).waitFor(SLOW)
    await app.getByText("Running", { exact: true }).first().waitFor(SLOW)
    // The first export may end, the one after it is at work while we look.
    simulated.admin.bulk.held = false
    simulated.admin.bulk.durationMs = 2_500
    await app.getByText("Done", { exact: true }).nth(1).waitFor(SLOW)
    await picture(page, "history")
    simulated.admin.bulk.durationMs = 0
    await app.getByText("All of it is read.").waitFor(SLOW)
    expect(errors).toEqual([])
    await context.close()

    const { rows } = await withShopSql(shop.shopId, (client) =>
      client.query(
        `SELECT (SELECT count(*)::int FROM shop_records WHERE kind = 'order' AND NOT deleted) AS orders,
         (SELECT count(*)::int FROM shop_records WHERE kind = 'customer' AND NOT deleted) AS customers,
         (SELECT count(DISTINCT order_ref)::int FROM events WHERE type = $1) AS bought`,
        [EVENT_TYPE_CODES.purchase],
      ),
    )
    const { orders, customers } = simulated.state.store
    expect(rows).toEqual([{ orders: orders.size, customers: customers.size, bought: orders.size }])
  },
  WITHIN_MS,
)

test(
  "the theme shows the default slates that the app wrote into the shop",
  async () => {
    const { shop: simulated } = shop.site
    const written = () => onSale().filter((item) => simulated.slateOf(item)?.length).length
    await expect.poll(written, SLOW).toBeGreaterThan(onSale().length / 2)
    const { page, context } = await newVisit(browser, { javaScriptEnabled: false })
    await page.goto(simulated.productUrl(onSale()[0] ?? ""))
    expect(await page.locator(`${BLOCK} .tl-card`).count()).toBe(4)
    await context.close()
  },
  WITHIN_MS,
)

test(
  "a guest follows a recommendation and buys, and the purchase is this browser's",
  async () => {
    const { page, context, errors } = await newVisit(browser)
    const { bought, visitor, sinceMs } = await buyRecommended(page, null, "guest.of.test@example.test")
    await expect.poll(() => purchasesOf("browser", visitor), SLOW).toEqual([bought])
    expect(await typesOf("browser", visitor, sinceMs)).toEqual(VISIT)
    expect(errors).toEqual([])
    await context.close()
  },
  WITHIN_MS,
)

test(
  "a customer buys, and it joins what the shop and the log know of them",
  async () => {
    const { page, context, errors } = await newVisit(browser)
    const { id } = lively()
    const before = await purchasesOf("customer", id)
    expect(before.length).toBeGreaterThan(0)
    const { bought, sinceMs } = await buyRecommended(page, id, null)
    await expect.poll(() => purchasesOf("customer", id), SLOW).toEqual([...before, bought])
    expect(await typesOf("customer", id, sinceMs)).toEqual(VISIT)
    expect(errors).toEqual([])
    await context.close()
  },
  WITHIN_MS,
)

test(
  "the journey page counts the visits that bought",
  async () => {
    await updateJourneys(shop.shopId, { asOf: new Date() })
    const { page, context, errors } = await newVisit(browser)
    await page.goto(shop.site.shop.adminUrl("/app/journey"))
    const app = page.frameLocator("iframe[name=app]")
    await app.getByRole("heading", { name: "Most common paths" }).waitFor(SLOW)
    await app.getByRole("textbox", { name: "From" }).fill(firstDay)
    await app.getByRole("button", { name: /Show|Apply/ }).click()
    await app.getByText("· 2 visits of 2 people").waitFor(SLOW)
    await app.getByRole("heading", { name: "Most common paths" }).waitFor(SLOW)
    await page.waitForLoadState("networkidle")
    await picture(page, "purchase-in-journey")
    expect(errors).toEqual([])
    await context.close()
  },
  WITHIN_MS,
)

const onSale = () =>
  [...shop.site.shop.state.store.products.values()]
    .filter(({ variants: [variant] }) =>
      [...shop.site.shop.state.store.levels.values()].some(
        ({ itemId, available }) => itemId === variant?.inventoryItemId && available > 0,
      ),
    )
    .map(({ id }) => id)

/** Somebody who has ordered and is in the log. */
function lively(): { id: string } {
  const { ordersByCustomer } = shop.site.shop.state.store
  const found = shop.customers.find(({ id }) => (ordersByCustomer.get(id)?.length ?? 0) > 0)
  if (!found) throw new Error("Expected a customer with an order, found none.")
  return found
}

/** Steps of such a visit, as far as this test looks. */
const VISIT = ["product_view", "recommendation_click", "cart_add", "checkout_start", "purchase"] as const

/** From a product's page by its recommendation into the basket, and through the checkout. */
async function buyRecommended(page: Page, customerId: string | null, email: string | null) {
  const { shop: simulated } = shop.site
  const start = new URL(simulated.productUrl(onSale()[20] ?? "")).pathname
  const sinceMs = Date.now()
  await page.goto(simulated.visitAs(customerId, start))
  const [bought = ""] = await personalSlate(page)
  await page.locator(BLOCK).scrollIntoViewIfNeeded()
  await page.locator(`${BLOCK} .tl-card a`).first().click()
  await page.waitForURL(`**${new URL(simulated.productUrl(bought)).pathname}`)
  await page.getByRole("button", { name: "Add to basket" }).click()
  await page.getByRole("link", { name: "Check out" }).click()
  if (email !== null) await page.getByLabel("E-mail").fill(email)
  await page.getByLabel("Name").fill("Gerda Guest")
  await page.getByLabel("Street and number").fill("1 Quay")
  await page.getByLabel("Town").fill("Larkfield")
  await page.getByLabel("Standard").check()
  await page.getByLabel("Card number").fill("1")
  await page.getByRole("button", { name: "Pay now" }).click()
  await page.getByRole("heading", { name: "Thank you" }).waitFor()
  const visitor = await page.evaluate(() => localStorage.getItem("throughline.visitor") ?? "")
  return { bought, visitor, sinceMs }
}

type Seen = { type: number; item: string | null; at: Date }

/** What the person behind a name did: the shoppers who were joined to them count. */
async function eventsOf(kind: "browser" | "customer", name: string): Promise<Seen[]> {
  await updateJourneys(shop.shopId, { asOf: new Date() })
  const blind = blindIndex(await shopKeys(shop.shopId), kind, name)
  const { rows } = await withShopSql(shop.shopId, (client) =>
    client.query<Seen>(
      `WITH person AS (
         SELECT coalesce(s.merged_into, s.shopper_id) AS id FROM shopper_identities i
         JOIN shoppers s ON s.shop_id = i.shop_id AND s.shopper_id = i.shopper_id
         WHERE i.kind = $1 AND i.blind = $2)
       SELECT e.type, e.at, p.external_id AS item FROM person
       JOIN shoppers s ON s.shopper_id = person.id OR s.merged_into = person.id
       JOIN events e ON e.shop_id = s.shop_id AND e.shopper_id = s.shopper_id
       LEFT JOIN products p ON p.shop_id = e.shop_id AND p.product_id = e.product_id ORDER BY e.at, item`,
      [kind, blind],
    ),
  )
  return rows
}

async function purchasesOf(kind: "browser" | "customer", name: string): Promise<string[]> {
  const events = await eventsOf(kind, name)
  return events.flatMap(({ type, item }) => (type === EVENT_TYPE_CODES.purchase && item ? [item] : []))
}

/** Which of a visit's steps are there. The shop tells whole seconds, so its order may lie a moment before the page. */
async function typesOf(kind: "browser" | "customer", name: string, sinceMs: number): Promise<string[]> {
  const events = await eventsOf(kind, name)
  const types = new Set<number>(
    events.filter(({ at }) => at.getTime() > sinceMs - 2_000).map(({ type }) => type),
  )
  return VISIT.filter((type) => types.has(EVENT_TYPE_CODES[type]))
}

/** Kept where somebody asks for them, as the documents' pictures. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.THROUGHLINE_PICTURES
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`) })
}
