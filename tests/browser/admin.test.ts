import type { Browser } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { launchBrowser, ORDINARY_USER_AGENT } from "../support/browser.ts"
import { testDatabase } from "../support/database.ts"
import { type DemoSite, startDemoSite } from "./demo-site.ts"
import { newVisit } from "./page.ts"

testDatabase()

let site: DemoSite
let browser: Browser

beforeAll(async () => {
  site = await startDemoSite()
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await site?.close()
})

test("the admin page loads in Shopify's frame, behind a session token", async () => {
  const { page, context, errors } = await newVisit(browser)
  await page.goto(site.shop.adminUrl())
  const frame = page.frameLocator("iframe[name=app]")
  await frame.locator(".Polaris-Page").first().waitFor()
  expect(errors).toEqual([])
  await context.close()
})

test("the journey page shows the map", async () => {
  const { page, context, errors } = await newVisit(browser)
  await page.goto(site.shop.adminUrl("/app/journey"))
  const frame = page.frameLocator("iframe[name=app]")
  await frame.locator("svg").first().waitFor()
  for (const stage of ["Browse", "Cart", "Checkout", "Purchase"])
    expect(await frame.getByText(stage, { exact: false }).count()).toBeGreaterThan(0)
  expect(errors).toEqual([])
  await context.close()
})

test("without a session token nothing of the admin is shown", async () => {
  const address = new URL("/app?embedded=1&shop=larkfield-home.myshopify.com", site.appUrl)
  const headers = { "User-Agent": ORDINARY_USER_AGENT, Authorization: "Bearer e30.e30.e30" }
  const forged = await fetch(address, { headers, redirect: "manual" })
  expect(forged.status).toBe(401)
  const none = await fetch(address, { headers: { "User-Agent": ORDINARY_USER_AGENT }, redirect: "manual" })
  expect(none.status).toBeGreaterThanOrEqual(300)
  expect(await none.text()).not.toContain("Polaris-Page")
})
