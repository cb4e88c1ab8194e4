/**
 * A product's variants, and whether the stock of each counts. Shopify's current webhooks tell the first without the
 * second, so each is a field of its own in the record and keeps its own version.
 */
import { z } from "zod"
import type { RecordState } from "./merge-record.ts"
import type { ProductVariant } from "./record.ts"
import { fieldOf } from "./record-fields.ts"

type StoredVariant = Omit<ProductVariant, "tracked">
/** By the variant's id. */
type Tracking = Record<string, boolean>

const storedVariants = z.array(
  z.object({
    id: z.string(),
    priceCents: z.number(),
    inventoryItemId: z.string().nullable(),
    sellsWhenOut: z.boolean(),
    quantity: z.number().nullable(),
  }),
)

export function variantsAndTracking(variants: readonly ProductVariant[]): {
  variants: StoredVariant[]
  /** Only where the message says it of all. */
  tracking?: Tracking
} {
  const stored = variants.map(({ tracked: _, ...variant }) => variant)
  const tracking: Tracking = {}
  for (const { id, tracked } of variants) if (tracked !== null) tracking[id] = tracked
  return Object.keys(tracking).length === variants.length
    ? { variants: stored, tracking }
    : { variants: stored }
}

/** The variants of a record with what is known of their stock. */
export function variantsOf(product: RecordState | null): ProductVariant[] {
  const tracking = fieldOf(product, "tracking", z.record(z.string(), z.boolean())) ?? {}
  return (fieldOf(product, "variants", storedVariants) ?? []).map((variant) => ({
    ...variant,
    tracked: Object.hasOwn(tracking, variant.id) ? (tracking[variant.id] ?? null) : null,
  }))
}
