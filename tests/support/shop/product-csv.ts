/**
 * Shopify's product CSV, as its admin exports it and takes it: a row a variant or picture, those of one product
 * together under its handle, the product's own fields in the first of them.
 */
import { type CsvRecord, csvReader } from "../../../app/capture/csv-records.ts"
import type { NewProduct, NewVariant } from "./state/products.ts"

type Row = (column: string) => string

/** @throws Error where the file has no header with a handle and a title, or a row cannot be read */
export function parseProductCsv(text: string): NewProduct[] {
  const reader = csvReader()
  const [header, ...records] = [...reader.push(text.replace(/^\uFEFF/, ""), 1, null), ...reader.end()]
  const columns = new Map(fieldsOf(header).map((name, index) => [name.trim(), index]))
  if (!columns.has("Handle") || !columns.has("Title"))
    throw new Error("Expected a product CSV of Shopify, with the columns Handle and Title.")
  const products = new Map<string, { first: Row; rows: Row[] }>()
  for (const record of records) {
    const fields = fieldsOf(record)
    const row: Row = (column) => fields[columns.get(column) ?? -1]?.trim() ?? ""
    const handle = row("Handle")
    if (handle === "") continue
    const known = products.get(handle)
    if (known) known.rows.push(row)
    else products.set(handle, { first: row, rows: [row] })
  }
  return [...products].map(([handle, { first, rows }]) => productOf(handle, first, rows))
}

function fieldsOf(record: CsvRecord | undefined): string[] {
  if (record?.fields) return record.fields
  throw new Error(
    `Expected a row of a CSV, got none at line ${record?.line ?? 1} (${record?.reason ?? "empty"}).`,
  )
}

function productOf(handle: string, first: Row, rows: readonly Row[]): NewProduct {
  const published = first("Published").toLowerCase() !== "false"
  // A row without a price only brings another picture.
  const variants = rows.filter((row) => row("Variant Price") !== "").map(variantOf)
  return {
    handle,
    title: first("Title") || handle,
    descriptionHtml: first("Body (HTML)"),
    vendor: first("Vendor"),
    productType: first("Type"),
    tags: first("Tags")
      .split(",")
      .flatMap((tag) => tag.trim() || []),
    status: statusOf(first("Status")),
    ...(published ? {} : { publishedAtMs: null }),
    imageUrl: first("Image Src") || null,
    variants: variants.length > 0 ? variants : [{ priceCents: 0 }],
  }
}

function statusOf(word: string): "active" | "draft" | "archived" {
  const status = word.toLowerCase()
  return status === "draft" || status === "archived" ? status : "active"
}

function variantOf(row: Row): NewVariant {
  const options = ["Option1 Value", "Option2 Value", "Option3 Value"].map(row).filter(Boolean)
  const compareAt = row("Variant Compare At Price")
  const tracked = row("Variant Inventory Tracker") !== ""
  return {
    title: options.join(" / ") || "Default Title",
    sku: row("Variant SKU") || null,
    priceCents: centsOf(row("Variant Price")),
    compareAtCents: compareAt === "" ? null : centsOf(compareAt),
    inventoryPolicy: row("Variant Inventory Policy") === "continue" ? "continue" : "deny",
    tracked,
    // Without a tracker the quantity means nothing.
    ...(tracked ? { available: Math.trunc(Number(row("Variant Inventory Qty"))) || 0 } : {}),
  }
}

const centsOf = (price: string) => Math.round(Number(price) * 100) || 0
