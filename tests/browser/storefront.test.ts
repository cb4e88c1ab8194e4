import type { Browser } from "playwright-core"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { EVENT_TYPE_CODES } from "../../app/capture/event.ts"
import { withShop } from "../../app/db.server.ts"
import { launchBrowser, ORDINARY_USER_AGENT } from "../support/browser.ts"
import { testDatabase } from "../support/database.ts"
import { type DemoSite, setHoldoutShare, startDemoSite } from "./demo-site.ts"
import { BLOCK, newVisit, personalSlate, slateOf, untilAnswered, type Visit } from "./page.ts"

testDatabase()

let site: DemoSite
let browser: Browser
let visit: Visit

beforeAll(async () => {
  site = await startDemoSite()
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await site?.close()
})
beforeEach(async () => {
  visit = await newVisit(browser)
})
afterEach(async () => {
  await visit.context.close()
  expect(visit.errors).toEqual([])
})

const itemOf = (index: number) => site.items[index]?.item ?? ""
const pathOf = (item: string) => new URL(site.shop.productUrl(item)).pathname
/** A page as a visitor who consented. */
const consented = (item: string) => site.shop.visitAs(null, pathOf(item))

describe("the default slate", () => {
  test("is there without JavaScript", async () => {
    const plain = await newVisit(browser, { javaScriptEnabled: false })
    await plain.page.goto(site.shop.productUrl(itemOf(0)))
    const html = await plain.page.content()
    expect(html.match(/class="tl-card"/g)).toHaveLength(4)
    expect(html).toContain("You may also like")
    await plain.context.close()
  })

  test("is there with our server stopped, and nothing in the page breaks", async () => {
    await site.stopApp()
    try {
      const answered = visit.page.waitForResponse((response) =>
        response.url().includes("/apps/throughline/block"),
      )
      await visit.page.goto(consented(itemOf(0)))
      expect((await answered).status()).toBe(502)
      await visit.page.locator(BLOCK).scrollIntoViewIfNeeded()
      expect(await visit.page.locator(`${BLOCK} .tl-card`).count()).toBe(4)
      expect(await visit.page.getByRole("heading", { name: "You may also like" }).isVisible()).toBe(true)
    } finally {
      await site.startApp()
    }
  })

  test("stays for a visitor who did not consent: nobody is asked and nobody is named", async () => {
    const asked: string[] = []
    visit.page.on("request", (request) => {
      if (request.url().includes("/apps/throughline")) asked.push(request.url())
    })
    await visit.page.goto(site.shop.productUrl(itemOf(0)))
    const slate = await slateOf(visit.page)
    await visit.page.locator(BLOCK).scrollIntoViewIfNeeded()
    await visit.page.waitForTimeout(500)
    expect(await slateOf(visit.page)).toEqual(slate)
    expect(asked).toEqual([])
    expect(await visit.page.evaluate(() => localStorage.length)).toBe(0)
  })

  test("stays once it has been seen", async () => {
    // A screen so high that the block is in view from the start.
    const tall = await newVisit(browser, { height: 2_000 })
    await tall.page.goto(consented(itemOf(0)))
    const slate = await slateOf(tall.page)
    await tall.page.waitForTimeout(800)
    expect(await slateOf(tall.page)).toEqual(slate)
    expect(await tall.page.locator(`${BLOCK}[data-decision-id]`).count()).toBe(0)
    await tall.context.close()
  })

  test("speaks Chinese to a Chinese visitor", async () => {
    await visit.context.addCookies([{ name: "shop_locale", value: "zh-CN", url: site.shop.url }])
    await visit.page.goto(consented(itemOf(0)))
    await personalSlate(visit.page)
    await visit.page.locator(BLOCK).scrollIntoViewIfNeeded()
    expect(await visit.page.getByRole("heading", { name: "猜你喜欢" }).isVisible()).toBe(true)
  })
})

describe("the personal slate", () => {
  test("replaces the default one before it is seen, and shifts nothing", async () => {
    for (const width of [1280, 390]) {
      const { page, context } = await newVisit(browser, { width })
      await page.addInitScript(() => {
        Object.assign(window, { shift: 0 })
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries())
            Object.assign(window, { shift: Reflect.get(window, "shift") + Reflect.get(entry, "value") })
        }).observe({ type: "layout-shift", buffered: true })
      })
      await page.goto(consented(itemOf(3)))
      const height = (await page.locator(BLOCK).boundingBox())?.height
      expect(await personalSlate(page)).toHaveLength(4)
      expect((await page.locator(BLOCK).boundingBox())?.height).toBe(height)
      await page.mouse.wheel(0, 4_000)
      await page.waitForTimeout(600)
      expect(await page.locator(BLOCK).isVisible()).toBe(true)
      expect(await page.evaluate(() => Reflect.get(window, "shift"))).toBe(0)
      await context.close()
    }
  })

  test("names each product, its price in the shop's currency, and why it is there", async () => {
    await visit.page.goto(consented(itemOf(5)))
    await personalSlate(visit.page)
    const cards = await visit.page.$$eval(`${BLOCK} .tl-card`, (all) =>
      all.map((card) => ({
        title: card.querySelector(".tl-card__title")?.textContent?.trim(),
        price: card.querySelector(".tl-card__price")?.textContent?.trim(),
        link: card.querySelector("a")?.getAttribute("href"),
        reason: card.querySelector(".tl-card__reason")?.textContent?.trim(),
      })),
    )
    for (const card of cards) {
      expect(card.title).toBeTruthy()
      expect(card.price).toMatch(/^£\d+\.\d\d$/)
      expect(card.link).toMatch(/^\/products\/[\p{L}\p{N}-]+$/u)
    }
    expect(cards.filter((card) => card.reason)).not.toEqual([])
    const served = await visit.page.locator(BLOCK).getAttribute("data-served-by")
    expect(served).toBe(site.hasModel ? "model" : "item_knn")
  })

  test("a click is recorded as an event, and changes the next recommendations", async () => {
    const { page } = visit
    // Several pages: one click may leave a single slate as it was.
    const contexts = [40, 90, 140].map((index) => itemOf(index))
    const slates = async () => {
      const seen: string[][] = []
      for (const context of contexts) {
        await page.goto(consented(context))
        seen.push(await personalSlate(page))
      }
      return seen
    }
    const before = await slates()
    const clicked = before.at(-1)?.[0] ?? ""
    await page.locator(BLOCK).scrollIntoViewIfNeeded()
    await page.locator(`${BLOCK} .tl-card a`).first().click()
    await page.waitForURL(`**${pathOf(clicked)}`)
    await personalSlate(page)

    const clicks = () =>
      withShop(site.shopId, (tx) =>
        tx.event.findMany({
          where: { shopId: site.shopId, type: EVENT_TYPE_CODES.recommendation_click },
          orderBy: { receivedAt: "desc" },
          take: 1,
        }),
      )
    // The page has gone on, so its answer is not to be seen there: the database tells.
    await expect.poll(clicks, { timeout: 5_000 }).toHaveLength(1)
    const [click] = await clicks()
    const product = await withShop(site.shopId, (tx) =>
      tx.product.findFirstOrThrow({ where: { shopId: site.shopId, externalId: clicked } }),
    )
    expect(click?.productId).toBe(product.productId)

    expect(await slates()).not.toEqual(before)
  })

  test("is a customer's own as soon as Shopify says who they are, on a browser that never saw them", async () => {
    const context = itemOf(60)
    await visit.page.goto(consented(context))
    const strangers = await personalSlate(visit.page)
    const [customer] = site.customers
    const { page, context: browserOfCustomer, errors } = await newVisit(browser)
    await page.goto(site.shop.visitAs(customer?.id ?? "", pathOf(context)))
    expect(await personalSlate(page)).not.toEqual(strangers)
    expect(errors).toEqual([])
    await browserOfCustomer.close()
  })

  test("is an impression once half of it is in view, and not before", async () => {
    const { page } = visit
    await page.goto(consented(itemOf(7)))
    await personalSlate(page)
    const decisionId = (await page.locator(BLOCK).getAttribute("data-decision-id")) ?? ""
    const seen = () =>
      withShop(site.shopId, (tx) =>
        tx.exposure.count({ where: { shopId: site.shopId, decisionId, kind: "seen" } }),
      )
    await page.waitForTimeout(300)
    expect(await seen()).toBe(0)
    const told = page.waitForResponse((response) => (response.request().postData() ?? "").includes('"seen"'))
    await page.locator(BLOCK).scrollIntoViewIfNeeded()
    expect((await told).status()).toBe(202)
    expect(await seen()).toBe(4)
  })

  test("is reached and followed by keyboard, with a focus that is seen", async () => {
    const { page } = visit
    await page.goto(consented(itemOf(9)))
    const slate = await personalSlate(page)
    await page.getByText("Delivery and returns").focus()
    await page.keyboard.press("Tab")
    const first = page.locator(`${BLOCK} .tl-card a`).first()
    expect(await first.evaluate((link) => link === document.activeElement)).toBe(true)
    expect(await first.evaluate((link) => getComputedStyle(link, "::after").outlineStyle)).toBe("solid")
    await page.keyboard.press("Enter")
    await page.waitForURL(`**${pathOf(slate[0] ?? "")}`)
  })

  test("reads as a headed list of links named by their products", async () => {
    const { page } = visit
    await page.goto(consented(itemOf(9)))
    await personalSlate(page)
    const region = page.getByRole("region", { name: "You may also like" })
    expect(await region.getByRole("list").getByRole("listitem").count()).toBe(4)
    const names = await region.getByRole("link").allTextContents()
    expect(new Set(names.map((name) => name.trim())).size).toBe(4)
    expect(await region.getByRole("heading", { level: 3 }).count()).toBe(4)
  })
})

describe("with nothing to show", () => {
  test("an empty slate renders nothing: no heading, no gap", async () => {
    const item = itemOf(12)
    const slate = site.shop.slateOf(item) ?? []
    site.shop.setSlate(item, [])
    try {
      await visit.page.goto(consented(item))
      await visit.page.waitForTimeout(300)
      expect(await visit.page.locator(BLOCK).count()).toBe(0)
      expect(await visit.page.getByText("You may also like").count()).toBe(0)
    } finally {
      site.shop.setSlate(item, slate)
    }
  })

  test("a visitor who is held out sees the shop's own theme", async () => {
    const item = itemOf(14)
    await site.stopApp()
    await setHoldoutShare(site.shopId, 0.5)
    await site.startApp()
    try {
      const name = await heldOutVisitor(item)
      await visit.page.addInitScript((held) => localStorage.setItem("throughline.visitor", held), name)
      await visit.page.goto(consented(item))
      await untilAnswered(visit.page, BLOCK, "hidden")
      await visit.page.mouse.wheel(0, 4_000)
      expect(await visit.page.getByText("You may also like").isVisible()).toBe(false)
    } finally {
      await site.stopApp()
      await setHoldoutShare(site.shopId, 0)
      await site.startApp()
    }
  })
})

/** A browser's name that lies in the holdout: half of all do. */
async function heldOutVisitor(item: string): Promise<string> {
  for (let number = 0; number < 64; number++) {
    const visitor = String(number).padStart(32, "0")
    const query = new URLSearchParams({ visitor, product: item, count: "4" })
    const answer = await fetch(`${site.shop.url}/apps/throughline/block?${query}`, {
      headers: { "User-Agent": ORDINARY_USER_AGENT },
    })
    if (Object(await answer.json()).outcome === "withheld") return visitor
  }
  throw new Error("Of 64 visitors none is held out, though half of them should be.")
}
