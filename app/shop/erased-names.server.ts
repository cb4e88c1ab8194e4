/**
 * Names of erased people, as marks in the redaction ledger: a message that is older than the erasure must not bring
 * the person back. A mark is a keyed hash of the name's blind index, so the index itself is nowhere any more, and the
 * same name is recognised when it comes again.
 */
import type pg from "pg"
import { blindIndex, type ShopKeys } from "./keys.server.ts"

export type ErasedNames = {
  /** When the person of this name was erased, epoch milliseconds; null where nobody of that name was. */
  erasedAtMs(kind: string, name: string): number | null
}

/** The ledger's mark of a name, from its blind index. */
export function erasedMark(keys: ShopKeys, kind: string, blind: Buffer): Buffer {
  return blindIndex(keys, "erased", `${kind}\0${blind.toString("hex")}`)
}

/** Which of these names were erased, and when: one question for a whole batch. */
export async function erasedNames(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  keys: ShopKeys,
  names: readonly { kind: string; name: string }[],
): Promise<ErasedNames> {
  const markOf = (kind: string, name: string) =>
    erasedMark(keys, kind, blindIndex(keys, kind, name)).toString("hex")
  const marks = [...new Set(names.map(({ kind, name }) => markOf(kind, name)))]
  const { rows } = await client.query<{ mark: string; at_ms: number }>(
    `SELECT encode(blind, 'hex') AS mark, (extract(epoch FROM max(at)) * 1000)::float8 AS at_ms
     FROM vault.redactions WHERE shop_id = $1 AND blind = ANY ($2::bytea[]) GROUP BY blind`,
    [shopId, marks.map((mark) => Buffer.from(mark, "hex"))],
  )
  const erased = new Map(rows.map((row) => [row.mark, row.at_ms]))
  return { erasedAtMs: (kind, name) => (erased.size === 0 ? null : (erased.get(markOf(kind, name)) ?? null)) }
}
