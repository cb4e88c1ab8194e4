import { z } from "zod"
import { cleanText, textOfHtml } from "../shopify/plain-text.ts"
import { productStatus } from "../shopify/product-status.ts"
import type { RecordChange } from "../shopify/record.ts"
import { cents, gid, reference, type Seen, timeIn, versionIn } from "./node-fields.ts"

const MAX_TITLE = 1_000
const MAX_WORD = 255
const MAX_URL = 2_048

const product = z.object({
  id: gid,
  title: z.string(),
  descriptionHtml: z.string(),
  productType: z.string(),
  vendor: z.string(),
  handle: z.string(),
  status: z.string(),
  publishedAt: z.string().nullable(),
  updatedAt: z.string(),
  featuredMedia: z
    .object({ preview: z.object({ image: z.object({ url: z.string() }).nullable() }).nullable() })
    .nullable(),
})

const variant = z.object({
  id: gid,
  price: cents,
  inventoryPolicy: z.string(),
  inventoryQuantity: z.int().nullable(),
  inventoryItem: z.object({ id: gid, tracked: z.boolean() }),
})

/** @throws ZodError where the node is not what was asked for */
export function productChange(node: unknown, variants: readonly unknown[], seen: Seen): RecordChange {
  const given = product.parse(node)
  const publishedAtMs = timeIn(seen, given.publishedAt)
  const url = given.featuredMedia?.preview?.image?.url ?? null
  return {
    kind: "product",
    id: given.id,
    versionMs: versionIn(seen, given.updatedAt),
    fields: {
      title: cleanText(given.title, MAX_TITLE),
      description: textOfHtml(given.descriptionHtml),
      category: cleanText(given.productType, MAX_WORD),
      brand: cleanText(given.vendor, MAX_WORD),
      handle: cleanText(given.handle, MAX_WORD),
      status: productStatus(given.status),
      // A time to come is a publication that is planned, not one that is.
      publishedAtMs: publishedAtMs !== null && publishedAtMs > seen.atMs ? null : publishedAtMs,
      imageUrl: url?.startsWith("https://") && url.length <= MAX_URL ? url : null,
      variants: variants.map((one) => {
        const { id, price, inventoryPolicy, inventoryQuantity, inventoryItem } = variant.parse(one)
        return {
          id,
          priceCents: price,
          inventoryItemId: inventoryItem.id,
          tracked: inventoryItem.tracked,
          sellsWhenOut: inventoryPolicy.toLowerCase() === "continue",
          quantity: inventoryQuantity,
        }
      }),
    },
  }
}

const level = z.object({
  updatedAt: z.string(),
  location: reference,
  quantities: z.array(z.object({ quantity: z.int() })),
})

/** @param item the inventory item's node. @throws ZodError */
export function levelChanges(item: unknown, levels: readonly unknown[], seen: Seen): RecordChange[] {
  const { id: itemId } = z.object({ id: gid }).parse(item)
  return levels.flatMap((one): RecordChange[] => {
    const { updatedAt, location, quantities } = level.parse(one)
    if (!location) return []
    return [
      {
        kind: "inventory_level",
        id: `${itemId}:${location.id}`,
        parentId: itemId,
        versionMs: versionIn(seen, updatedAt),
        fields: { available: quantities[0]?.quantity ?? null },
      },
    ]
  })
}

const collection = z.object({ id: gid, title: z.string(), handle: z.string(), updatedAt: z.string() })

/** @throws ZodError */
export function collectionChange(node: unknown, seen: Seen): RecordChange {
  const { id, title, handle, updatedAt } = collection.parse(node)
  return {
    kind: "collection",
    id,
    versionMs: versionIn(seen, updatedAt),
    fields: { title: cleanText(title, MAX_TITLE), handle: cleanText(handle, MAX_WORD) },
  }
}
