import type pg from "pg"
import { erasedMark } from "../shop/erased-names.server.ts"
import { addToCounter } from "./counters.server.ts"
import type { MergeShop } from "./resolve-staged.server.ts"

const NAMES_A_BATCH = 2_000

/**
 * Takes the names of erased people out of an import: a file that was written before an erasure must not bring them
 * back. Their rows find no shopper then, and are counted. Costs nothing while nobody was erased.
 */
export async function passOverErased(
  client: pg.PoolClient,
  { shopId, keys, kind }: MergeShop,
): Promise<void> {
  const { rows: ledger } = await client.query<{ mark: string }>(
    "SELECT encode(blind, 'hex') AS mark FROM vault.redactions WHERE shop_id = $1 AND kind = 'name'",
    [shopId],
  )
  if (ledger.length === 0) return
  const marks = new Set(ledger.map(({ mark }) => mark))
  const erased: number[] = []
  await client.query(
    "DECLARE staged_names NO SCROLL CURSOR FOR SELECT shopper_no, blind FROM pg_temp.named_shoppers",
  )
  for (;;) {
    const { rows } = await client.query<{ shopper_no: number; blind: Buffer }>(
      `FETCH ${NAMES_A_BATCH} FROM staged_names`,
    )
    if (rows.length === 0) break
    for (const { shopper_no, blind } of rows)
      if (marks.has(erasedMark(keys, kind, blind).toString("hex"))) erased.push(shopper_no)
  }
  await client.query("CLOSE staged_names")
  if (erased.length === 0) return
  await client.query("DELETE FROM pg_temp.named_shoppers WHERE shopper_no = ANY ($1::int[])", [erased])
  const { rows } = await client.query<{ passed: number }>(
    "SELECT count(*)::int AS passed FROM pg_temp.staged_events WHERE shopper_no = ANY ($1::int[])",
    [erased],
  )
  await addToCounter(client, shopId, "drop:erased_person", rows[0]?.passed ?? 0)
}
