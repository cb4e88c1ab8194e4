import { readFileSync } from "node:fs"
import type { Browser } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { withShopSql } from "../../app/db.server.ts"
import { settlePrivacyRequests } from "../../app/jobs/settle-privacy-requests.ts"
import { recordPrivacyRequest } from "../../app/shop/privacy-requests.server.ts"
import { addPerson, person, privacyBody } from "../privacy/person.ts"
import { launchBrowser } from "../support/browser.ts"
import { testDatabase } from "../support/database.ts"
import { type DemoSite, startDemoSite } from "./demo-site.ts"
import { newVisit } from "./page.ts"

testDatabase()

const DOMAIN = "larkfield-home.myshopify.com"
const one = person(41)
let site: DemoSite
let browser: Browser

beforeAll(async () => {
  site = await startDemoSite()
  browser = await launchBrowser()
  await addPerson(site.shopId, one)
})
afterAll(async () => {
  await browser?.close()
  await site?.close()
})

test("a merchant sees that nobody asked, then a request with its file, and downloads it", async () => {
  const { page, context, errors } = await newVisit(browser, { height: 1_500 })
  await page.goto(site.shop.adminUrl("/app/privacy"))
  const frame = page.frameLocator("iframe[name=app]")
  await frame.getByText("Nobody has asked yet").waitFor()
  await picture("privacy-empty")

  const ask = (topic: "customers/data_request" | "customers/redact", id: number) =>
    withShopSql(site.shopId, (client) =>
      recordPrivacyRequest(client, site.shopId, {
        topic,
        body: privacyBody(DOMAIN, topic === "customers/redact" ? person(42) : one, { data_request: { id } }),
        triggeredAt: new Date(),
        receivedAt: new Date(),
      }),
    )
  await ask("customers/data_request", 1)
  await ask("customers/redact", 2)
  await settlePrivacyRequests(site.shopId, new Date(), async () => true)
  await page.goto(site.shop.adminUrl("/app/privacy"))
  await frame.getByText("Ready to pass on").waitFor()
  await frame.getByText("Nothing held on them").waitFor()
  const downloading = page.waitForEvent("download")
  await frame.getByRole("button", { name: /Download the file/ }).click()
  const html = readFileSync(await (await downloading).path(), "utf8")
  for (const word of [one.email, one.firstName, one.search]) expect(html).toContain(word)
  await page.goto(site.shop.adminUrl("/app/privacy"))
  await frame.getByText("downloaded a person’s file").waitFor()
  await picture("privacy")

  // The file itself, as its reader sees it.
  const { page: reader, errors: readerErrors } = await newVisit(browser)
  await reader.setContent(html)
  await reader.getByRole("heading", { name: "What you did in the shop" }).waitFor()
  expect(await reader.getByText(one.email).count()).toBeGreaterThan(0)
  if (process.env.PICTURES)
    await reader.screenshot({ path: `${process.env.PICTURES}/file.png`, fullPage: true })
  expect([...errors, ...readerErrors]).toEqual([])
  await context.close()

  async function picture(name: string): Promise<void> {
    if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/${name}.png` })
  }
})

test("a merchant turns the sharing of training rows on with one click, sees that it is on, and turns it off", async () => {
  const { page, context, errors } = await newVisit(browser, { height: 1_500 })
  await page.goto(site.shop.adminUrl("/app/privacy"))
  const frame = page.frameLocator("iframe[name=app]")
  await frame.getByText("Sharing is off").waitFor()
  await frame.getByRole("button", { name: "Share training rows" }).click()
  await frame.getByText("Sharing is on").waitFor()
  await frame.getByText("started sharing training rows").waitFor()
  if (process.env.PICTURES)
    await page.screenshot({ path: `${process.env.PICTURES}/training-sharing.png`, fullPage: true })
  await page.goto(site.shop.adminUrl("/app/privacy"))
  await frame.getByText("Sharing is on").waitFor()
  await frame.getByRole("button", { name: "Stop sharing" }).click()
  await frame.getByText("Sharing is off").waitFor()
  expect(errors).toEqual([])
  await context.close()
})
