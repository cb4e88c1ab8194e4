/**
 * The redaction ledger: who was erased, and the marks of their names. It lies in the schema `vault`, outside the
 * data's backup, and only grows. `shops.redactions_applied` counts the rows that the data knows of; when an older
 * backup comes back the ledger has more, and nothing serves until they are replayed (replay-redactions.server.ts).
 */
import type pg from "pg"

/** person: a shopper's number; name: a mark (erased-names.server.ts); shop: everything of the shop. */
export type RedactionKind = "person" | "name" | "shop"

export type LedgerEntry = { kind: RedactionKind; shopperId: string | null; mark: Buffer | null }

/** In the transaction that erases: the row and what it is about go together. */
export async function writeLedger(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  entries: readonly LedgerEntry[],
): Promise<void> {
  if (entries.length === 0) return
  await client.query(
    `INSERT INTO vault.redactions (shop_id, kind, shopper_id, blind)
     SELECT $1, kind, shopper_id, blind FROM unnest($2::text[], $3::bigint[], $4::bytea[]) AS g (kind, shopper_id, blind)`,
    [
      shopId,
      entries.map(({ kind }) => kind),
      entries.map(({ shopperId }) => shopperId),
      entries.map(({ mark }) => mark),
    ],
  )
  // Added, never counted: two that erase at once do not see each other's rows.
  await client.query("UPDATE shops SET redactions_applied = redactions_applied + $2 WHERE shop_id = $1", [
    shopId,
    entries.length,
  ])
}
