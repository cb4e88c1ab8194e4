import { createWriteStream } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import path from "node:path"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { PlainEvent } from "../../../app/capture/event.ts"
import type { DemoProduct } from "./catalogue/product.ts"
import type { DemoShop } from "./generate.ts"
import { productImage } from "./images/image.ts"

/** Cents to the decimal that a plain file holds: 1250 → "12.50". */
function decimal(cents: number): string {
  return (cents / 100).toFixed(2)
}

/** One line of events.jsonl. Columns as in the plain event format; absent ones are left out. */
export function eventLine(event: PlainEvent): string {
  const { shopper, type, atMs, item, priceCents, currency, quantity, session, order, query, source, id } =
    event
  return JSON.stringify({
    shopper,
    type,
    at: new Date(atMs).toISOString(),
    item,
    price: priceCents === undefined ? undefined : Number(decimal(priceCents)),
    currency,
    quantity,
    session,
    order,
    query,
    source,
    id,
  })
}

export function* eventLines(events: Iterable<PlainEvent>): Generator<string> {
  // A chunk of many lines: one write call a line would cost more than making it.
  let chunk: string[] = []
  for (const event of events) {
    chunk.push(eventLine(event))
    if (chunk.length === 2000) {
      yield `${chunk.join("\n")}\n`
      chunk = []
    }
  }
  if (chunk.length > 0) yield `${chunk.join("\n")}\n`
}

function cell(value: string): string {
  return /[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}

/** items.csv: a header and a row a product. */
export function itemsCsv(products: readonly DemoProduct[]): string {
  const header = "item,title,description,category,brand,price,currency,image,available"
  const rows = products.map((p) =>
    [
      p.item,
      p.title,
      p.description,
      p.category,
      p.brand,
      decimal(p.priceCents),
      p.currency,
      p.image,
      String(p.available),
    ]
      .map(cell)
      .join(","),
  )
  return `${[header, ...rows].join("\n")}\n`
}

export type WriteOptions = {
  /** Also write images/ITEM.svg, where items.csv points. Default true. */
  images?: boolean
  onProgress?: (part: "events" | "items" | "images" | "truth", done: number, total: number) => void
}

/** Writes events.jsonl, items.csv, truth.json and images/ into a folder, making it where needed. */
export async function writeDemoShop(
  shop: DemoShop,
  folder: string,
  options: WriteOptions = {},
): Promise<void> {
  const { images = true, onProgress } = options
  await mkdir(folder, { recursive: true })
  await pipeline(Readable.from(eventLines(shop.events)), createWriteStream(path.join(folder, "events.jsonl")))
  onProgress?.("events", shop.events.length, shop.events.length)
  await writeFile(path.join(folder, "items.csv"), itemsCsv(shop.products))
  onProgress?.("items", shop.products.length, shop.products.length)
  await writeFile(path.join(folder, "truth.json"), JSON.stringify(shop.truth))
  onProgress?.("truth", 1, 1)
  if (!images) return
  await mkdir(path.join(folder, "images"), { recursive: true })
  for (const [index, product] of shop.products.entries()) {
    await writeFile(path.join(folder, product.image), productImage(product))
    if (index % 50 === 49 || index === shop.products.length - 1)
      onProgress?.("images", index + 1, shop.products.length)
  }
}
