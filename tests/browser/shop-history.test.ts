import type { Browser, FrameLocator, Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { withShopSql } from "../../app/db.server.ts"
import { reconcileSchedules } from "../../app/jobs/schedules.server.ts"
import { TIMETABLE } from "../../app/jobs/timetable.ts"
import { launchBrowser } from "../support/browser.ts"
import { testDatabase } from "../support/database.ts"
import { type DemoSite, startDemoSite } from "./demo-site.ts"
import { newVisit } from "./page.ts"

testDatabase()

// No worker runs here: what a job would write is written by the test.
let site: DemoSite
let browser: Browser

beforeAll(async () => {
  site = await startDemoSite()
  browser = await launchBrowser()
  await reconcileSchedules(site.shopId, TIMETABLE)
  await sql("UPDATE schedules SET next_run_at = now() + interval '1 day' WHERE shop_id = $1")
})
afterAll(async () => {
  await browser?.close()
  await site?.close()
})

const sql = (text: string) => withShopSql(site.shopId, (client) => client.query(text, [site.shopId]))
const isDue = async (job: string) => {
  const { rows } = await sql("SELECT job FROM schedules WHERE shop_id = $1 AND next_run_at <= now()")
  return rows.some((row) => row.job === job)
}
const SET_RUN = (kind: string, set: string) =>
  sql(`UPDATE import_runs SET ${set} WHERE shop_id = $1 AND kind = '${kind}'`)

test("a merchant follows the history, has a part read again, and the shop compared", async () => {
  const { page, context, errors } = await newVisit(browser, { height: 1_600 })
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text())
  })
  // To open the app is to install it: the history is asked for.
  await page.goto(site.shop.adminUrl("/app"))
  const frame = page.frameLocator("iframe[name=app]")
  await frame.getByRole("heading", { name: "Your shop’s history" }).waitFor()
  await frame.getByText("Asking Shopify for them…").waitFor()
  await picture(page, "asking")

  const done = "state = 'done', rows_read = 840, rows_expected = 840, finished_at = now()"
  for (const kind of ["history_products", "history_inventory", "history_collections"])
    await SET_RUN(kind, `operation = 'gid://shopify/BulkOperation/1', ${done}`)
  await SET_RUN(
    "history_customers",
    "operation = 'gid://shopify/BulkOperation/2', rows_read = 12400, rows_expected = 50000",
  )
  // Without a reload: the page looks again by itself.
  await frame.getByText("12,400 of 50,000 lines read").waitFor()
  const bar = frame.getByRole("progressbar", { name: /Customers.*12,400 of 50,000 lines read/ })
  expect(await bar.getAttribute("value")).toBe("24")
  expect(await button(frame, "Compare now").isDisabled()).toBe(true)
  await frame.getByText("Next: Orders of the last 60 days.").waitFor()
  await picture(page, "running")

  await SET_RUN(
    "history_customers",
    `state = 'failed', finished_at = now(), message = 'Shopify ended the export 4 times (TIMEOUT). Ask for it again with “Import again”.'`,
  )
  await SET_RUN("history_orders", `${done}, rows_aside = '{"bad_node": 2}'`)
  await frame.getByText("Customers: reading stopped").waitFor()
  await picture(page, "failed")
  await button(frame, "Import again: Customers").click()
  await frame.getByText("Asking Shopify for them…").waitFor()
  expect(await isDue("import_history")).toBe(true)

  await SET_RUN("history_customers", done)
  await frame.getByText("All of it is read.").waitFor()
  await button(frame, "Compare now").click()
  await frame.getByText("The comparison begins in a moment.").waitFor()
  expect(await isDue("reconcile")).toBe(true)

  await sql(
    `INSERT INTO reconcile_runs (shop_id, counts) VALUES ($1,
       '{"product": {"checked": 1200, "missing": 0, "stale": 0, "gone": 0}}')`,
  )
  await frame.getByText("Comparing now… So far: 1,200 products.").waitFor()
  await picture(page, "comparing")
  await sql(
    `UPDATE reconcile_runs SET state = 'done', finished_at = now(), counts = '{
       "product": {"checked": 1200, "missing": 0, "stale": 1, "gone": 0},
       "inventory_level": {"checked": 2400, "missing": 0, "stale": 0, "gone": 0},
       "customer": {"checked": 10000, "missing": 0, "stale": 0, "gone": 0},
       "order": {"checked": 50000, "missing": 3, "stale": 2, "gone": 0}}' WHERE shop_id = $1`,
  )
  await sql("UPDATE schedules SET next_run_at = now() + interval '1 day' WHERE shop_id = $1")
  await frame.getByText("3 orders were missing and 2 had changed; both are mended.").waitFor()
  await frame.getByText("All 10,000 customers agree.").waitFor()
  expect(await button(frame, "Compare now").isDisabled()).toBe(false)
  await picture(page, "done")
  expect(errors).toEqual([])
  await context.close()
})

const button = (frame: FrameLocator, name: string) => frame.getByRole("button", { name, exact: true })

async function picture(page: Page, name: string): Promise<void> {
  if (!process.env.PICTURES) return
  const { width = 0, height = 0 } = page.viewportSize() ?? {}
  for (const [one, tall] of [
    [1280, 1_600],
    [390, 2_600],
  ] as const) {
    await page.setViewportSize({ width: one, height: tall })
    await page.screenshot({ path: `${process.env.PICTURES}/history-${name}-${one}.png` })
  }
  await page.setViewportSize({ width, height })
}
