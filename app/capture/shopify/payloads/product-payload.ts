import { z } from "zod"
import { textOfHtml } from "../plain-text.ts"
import { productStatus } from "../product-status.ts"
import type { ProductVariant, RecordChange } from "../record.ts"
import { resourceId } from "../shop-ids.ts"
import { type Message, timeIn, versionIn } from "./message.ts"
import {
  anything,
  cents,
  count,
  given,
  idOrNull,
  MAX_WORD,
  text,
  textOrNull,
  time,
  toldOnly,
} from "./payload-fields.ts"

const MAX_TITLE = 1_000
const MAX_URL = 2_048

const variant = z.object({
  id: anything,
  admin_graphql_api_id: anything,
  price: cents,
  inventory_item_id: idOrNull,
  inventory_management: textOrNull(),
  inventory_policy: textOrNull(),
  inventory_quantity: given(z.int()),
})
const image = z.object({ src: textOrNull(MAX_URL) })
const payload = z.object({
  title: text(MAX_TITLE),
  body_html: given(z.string().nullable()),
  product_type: text(MAX_WORD),
  vendor: text(MAX_WORD),
  handle: text(MAX_WORD),
  status: given(z.string().min(1).transform(productStatus)),
  published_at: time,
  updated_at: time,
  image: given(image.nullable()),
  images: given(z.array(image)),
  variants: given(z.array(variant)),
  /** All variants, where `variants` is only the first hundred of them. */
  variant_gids: given(z.array(z.unknown())),
  variants_count: count,
})

/** products/create, products/update */
export function productChanges(message: Message): RecordChange[] | null {
  const id = resourceId(message.body)
  if (id === undefined) return null
  const product = payload.parse(message.body)
  const versionMs = versionIn(message, product.updated_at)
  const variants = product.variants?.flatMap((one) => variantOf(one) ?? [])
  const fields = toldOnly({
    title: product.title,
    description: product.body_html === undefined ? undefined : textOfHtml(product.body_html ?? ""),
    category: product.product_type,
    brand: product.vendor,
    handle: product.handle,
    status: product.status,
    publishedAtMs: publishedAt(message, product.published_at),
    imageUrl: imageUrl(product.image, product.images),
    variants: variants?.length === product.variants?.length ? variants : undefined,
  })
  const all = product.variant_gids?.length ?? 0
  if (variants === undefined || variants.length >= all) return [{ kind: "product", id, versionMs, fields }]
  // What is told is a little older than what is wanted, so that it does not settle the want itself.
  return [
    { kind: "product", id, versionMs: versionMs - 1, fields },
    { kind: "product", id, versionMs, fields: {}, wanted: true },
  ]
}

/** products/delete */
export function productDeletion(message: Message): RecordChange[] | null {
  const id = resourceId(message.body)
  return id === undefined
    ? null
    : [{ kind: "product", id, versionMs: message.seenAtMs, deleted: true, fields: {} }]
}

function variantOf(given: z.infer<typeof variant>): ProductVariant | undefined {
  const id = resourceId(given)
  if (id === undefined || given.price === undefined) return undefined
  return {
    id,
    priceCents: given.price,
    inventoryItemId: given.inventory_item_id ?? null,
    // Current versions do not say it.
    tracked: given.inventory_management === undefined ? null : given.inventory_management !== null,
    sellsWhenOut: given.inventory_policy?.toLowerCase() === "continue",
    quantity: given.inventory_quantity ?? null,
  }
}

/** A time to come is a publication that is planned, not one that is. */
function publishedAt(message: Message, value: string | null | undefined): number | null | undefined {
  if (value === undefined || value === null) return value
  const ms = timeIn(message, value)
  return ms === undefined || ms > message.seenAtMs ? null : ms
}

function imageUrl(
  main: z.infer<typeof image> | null | undefined,
  all: z.infer<typeof image>[] | undefined,
): string | null | undefined {
  if (main === undefined && all === undefined) return undefined
  const url = main?.src ?? all?.[0]?.src ?? null
  return url?.startsWith("https://") ? url : null
}
