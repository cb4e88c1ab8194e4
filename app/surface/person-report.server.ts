/**
 * Reads everything held on a person, from every table that has a shopper in it, and opens what is sealed. The caller
 * notes the access.
 */
import type pg from "pg"
import type { NameKind } from "../capture/name-kind.ts"
import { namePlace } from "../capture/shopper-names.server.ts"
import { open, type ShopKeys } from "../shop/keys.server.ts"
import { type Retained, retentionDays, retentionSettings, retentionWords } from "../shop/retention.ts"
import { shopperKeys } from "../shop/shopper-key.server.ts"
import { readPersonBehaviour } from "./person-behaviour.server.ts"
import { readPersonRecords } from "./person-records.server.ts"
import { moment, NAME_WORDS, type PersonReport, type ReportSection } from "./person-report.ts"

export type Reading = {
  client: pg.PoolClient
  shopId: number
  /** The person first, then the browsers joined to them. */
  shopperIds: readonly string[]
  /** Opens what is sealed under a shopper's key; null where there is none. */
  opened(shopperId: string, sealed: Buffer | null, place: string): string | null
  /** How long a kind is kept, in words. */
  kept(kind: Retained): string
}

export async function readPersonReport(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  shopperIds: readonly string[],
  asOf: Date,
): Promise<PersonReport> {
  const { rows } = await client.query<{ name: string; domain: string; retention: unknown }>(
    "SELECT name, domain, coalesce(settings->'retention', '{}') AS retention FROM shops WHERE shop_id = $1",
    [shopId],
  )
  const [shop] = rows
  const retention = retentionSettings.parse(shop?.retention ?? {})
  const days = retentionDays(retention)
  const ownKeys = await shopperKeys(client, shopId, keys, shopperIds)
  const reading: Reading = {
    client,
    shopId,
    shopperIds,
    opened(shopperId, sealed, place) {
      const key = ownKeys.get(shopperId)
      return key && sealed ? open(key, sealed, place).toString("utf8") : null
    },
    kept: (kind) => retentionWords(days[kind]),
  }
  return {
    shop: { name: shop?.name ?? "", domain: shop?.domain ?? "" },
    asOfMs: asOf.getTime(),
    retention,
    sections: [
      await names(reading),
      ...(await readPersonRecords(reading)),
      ...(await readPersonBehaviour(reading)),
      await requests(reading),
      await accesses(reading),
    ],
  }
}

async function names({ client, shopId, shopperIds, opened, kept }: Reading): Promise<ReportSection> {
  const { rows } = await client.query<{
    kind: NameKind
    shopper_id: string
    sealed: Buffer | null
    created_at: Date
  }>(
    `SELECT kind, shopper_id, sealed, created_at FROM shopper_identities
     WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[]) ORDER BY created_at, kind, blind`,
    [shopId, shopperIds],
  )
  return {
    title: "Names by which you are recognised",
    origin: "The shop's customer records and orders; your browser, where you consented to being recognised.",
    kept: `${kept("customers")}; a browser without a name ${kept("anonymous")} after its last visit`,
    columns: ["Kind", "Name", "Known since"],
    rows: rows.map((row) => [
      NAME_WORDS[row.kind] ?? row.kind,
      opened(row.shopper_id, row.sealed, namePlace(shopId, BigInt(row.shopper_id), row.kind)) ??
        "(not readable)",
      moment(row.created_at),
    ]),
  }
}

async function requests({ client, shopId, shopperIds, kept }: Reading): Promise<ReportSection> {
  const { rows } = await client.query<{ state: string; received_at: Date; done_at: Date | null }>(
    `SELECT state, received_at, done_at FROM privacy_requests
     WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[]) ORDER BY received_at`,
    [shopId, shopperIds],
  )
  return {
    title: "Your earlier requests",
    origin: "The shop, which passed them on.",
    kept: `${kept("requests")}, the file itself ${kept("answers")}`,
    columns: ["Received", "State", "Settled"],
    rows: rows.map((row) => [moment(row.received_at), row.state, row.done_at && moment(row.done_at)]),
  }
}

async function accesses({ client, shopId, shopperIds, kept }: Reading): Promise<ReportSection> {
  const { rows } = await client.query<{ at: Date; actor: string; action: string }>(
    `SELECT at, actor, action FROM access_log
     WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[]) ORDER BY at, access_id`,
    [shopId, shopperIds],
  )
  return {
    title: "Who read your data",
    origin: "The app notes each time.",
    kept: kept("access_log"),
    columns: ["When", "Who", "What for"],
    rows: rows.map((row) => [
      moment(row.at),
      row.actor.startsWith("staff:") ? "A member of the shop's staff" : "The app",
      row.action === "collect_data_request"
        ? "To make a file like this one"
        : "To pass a file like this one on",
    ]),
  }
}
