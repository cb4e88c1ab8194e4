/** What the demo prints: the journey map, and one shopper's block as a storefront gets it. */
import { randomBytes } from "node:crypto"
import { withShop } from "../../db.server.ts"
import { AppError } from "../../errors.ts"
import { readJourneyMap, readMapDays } from "../../journey/journey-map.server.ts"
import { printJourneyMap } from "../../journey/terminal-map.ts"
import type { BlockJson } from "../../surface/block-json.ts"
import type { DemoCustomer } from "./demo-customers.ts"
import type { Site } from "./site.ts"

export async function printJourneys(shopId: number): Promise<void> {
  const days = await readMapDays(shopId)
  if (!days)
    throw new AppError("not_enough_data", "The log holds no visit of a person: there is no journey to map.")
  const map = await readJourneyMap(shopId, { ...days, segment: "all", start: null, end: null })
  process.stdout.write(`\n${printJourneyMap(map)}\n`)
}

export type FetchedBlock = BlockJson & { item: string }

/** Asks for the block of the product that the shopper saw last, through the shop's signed proxy. */
export async function fetchBlock(
  shopId: number,
  site: Site,
  customer: DemoCustomer | undefined,
): Promise<FetchedBlock> {
  const item = await lastSeenItem(shopId, customer)
  const cookies = await fetch(site.shop.visitAs(customer?.id ?? null, "/"), { redirect: "manual" })
  const address = new URL("/apps/throughline/block", site.shop.url)
  address.search = String(
    new URLSearchParams({ visitor: randomBytes(16).toString("hex"), product: item, count: "4" }),
  )
  const response = await fetch(address, {
    headers: {
      cookie: cookies.headers
        .getSetCookie()
        .map((cookie) => cookie.split(";")[0])
        .join("; "),
      "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    },
  })
  if (response.status !== 200)
    throw new AppError(
      "unavailable",
      `The block answered ${response.status} instead of 200: ${(await response.text()).slice(0, 300)}`,
    )
  return { ...((await response.json()) as BlockJson), item }
}

async function lastSeenItem(shopId: number, customer: DemoCustomer | undefined): Promise<string> {
  return withShop(shopId, async (tx) => {
    const event = customer
      ? await tx.event.findFirst({
          where: { shopId, shopperId: customer.shopperId, productId: { not: null } },
          orderBy: { at: "desc" },
        })
      : null
    const product = await tx.product.findFirst({
      where: { shopId, ...(event?.productId ? { productId: event.productId } : { available: true }) },
      orderBy: { productId: "asc" },
    })
    if (!product)
      throw new AppError("not_enough_data", "The log names no item: there is nothing to recommend.")
    return product.externalId
  })
}

/** Prints the slate with its reasons. Returns whether the model, not a fallback, served it. */
export async function printBlock(
  shopId: number,
  block: FetchedBlock,
  customer: DemoCustomer | undefined,
): Promise<boolean> {
  const names = new Map(
    (await withShop(shopId, (tx) => tx.product.findMany({ select: { externalId: true, title: true } }))).map(
      ({ externalId, title }) => [externalId, title || externalId],
    ),
  )
  const title = (item: string | undefined) => names.get(item ?? "") ?? item ?? ""
  const lines = block.products.map(({ product, reason }, place) => {
    const why = reason ? ` — ${reasonText(reason.kind, title(reason.product))}` : ""
    return `  ${place + 1}. ${title(product)}${why}`
  })
  process.stdout.write(
    [
      "",
      `For ${customer?.label ?? "a new visitor"}, on the page of ${title(block.item)}:`,
      ...(lines.length ? lines : ["  nothing to show"]),
      "",
      `servedBy: ${block.servedBy}${block.fallbackReason ? ` (${block.fallbackReason})` : ""}`,
      `model: ${block.modelVersion ?? "none"}`,
      `slate: ${block.products.map(({ product }) => product).join(", ")}`,
      "",
    ].join("\n"),
  )
  return block.servedBy === "model" && block.products.length > 0
}

function reasonText(kind: "viewed" | "carted" | "purchased" | "similar" | "popular", title: string): string {
  switch (kind) {
    case "viewed":
      return `because you viewed ${title}`
    case "carted":
      return `because you put ${title} in the cart`
    case "purchased":
      return `because you bought ${title}`
    case "similar":
      return "similar to what you look at"
    case "popular":
      return "popular now"
    default:
      return kind satisfies never
  }
}
