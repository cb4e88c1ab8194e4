import type pg from "pg"
import { z } from "zod"
import type { OrderLine, RecordChange } from "../shopify/record.ts"

const heldLines = z.array(
  z.object({ id: z.string(), productId: z.string().nullable(), variantId: z.string().nullable() }),
)

/**
 * GraphQL names no product in a line once the product is deleted. What we were told when it was there still holds.
 */
export async function withKnownProducts(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  changes: readonly RecordChange[],
): Promise<RecordChange[]> {
  const nameless = changes.filter(
    (change) => change.kind === "order" && (change.fields.lines ?? []).some(isNameless),
  )
  if (nameless.length === 0) return [...changes]
  const { rows } = await client.query<{ record_key: string; lines: unknown }>(
    `SELECT record_key, fields->'lines' AS lines FROM shop_records
     WHERE shop_id = $1 AND kind = 'order' AND record_key = ANY ($2) AND fields ? 'lines'`,
    [shopId, nameless.map(({ id }) => id)],
  )
  const held = new Map(rows.map((row) => [row.record_key, heldLines.safeParse(row.lines).data ?? []]))
  return changes.map((change) => {
    if (change.kind !== "order" || !change.fields.lines) return change
    const known = held.get(change.id)
    return known
      ? { ...change, fields: { ...change.fields, lines: change.fields.lines.map(named(known)) } }
      : change
  })
}

const isNameless = ({ productId }: OrderLine) => productId === null

const named =
  (known: z.infer<typeof heldLines>) =>
  (line: OrderLine): OrderLine => {
    if (!isNameless(line)) return line
    const before = known.find(({ id }) => id === line.id)
    return before
      ? { ...line, productId: before.productId, variantId: line.variantId ?? before.variantId }
      : line
  }
