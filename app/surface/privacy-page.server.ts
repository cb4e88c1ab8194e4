import type pg from "pg"
import { withShopSql } from "../db.server.ts"
import type { PrivacyRequestKind } from "../shop/privacy-requests.server.ts"
import {
  RETAINED,
  RETAINED_WORDS,
  retentionDays,
  retentionSettings,
  retentionWords,
} from "../shop/retention.ts"
import { sharesTraining } from "../shop/training-sharing.server.ts"
import {
  type AccessRow,
  type HeldCounts,
  MOST_COUNTED,
  type PrivacyPage,
  type RequestRow,
  type RequestState,
} from "./privacy-page.ts"

const LATEST_REQUESTS = 100
const LATEST_ACCESSES = 50

/** What the admin's privacy page shows. It opens nothing that is sealed. */
export async function readPrivacyPage(shopId: number, { asOf }: { asOf: Date }): Promise<PrivacyPage> {
  return withShopSql(shopId, async (client) => ({
    requests: await readRequests(client, shopId, asOf),
    accesses: await readAccesses(client, shopId),
    held: await readHeld(client, shopId),
    sharesTraining: await sharesTraining(client, shopId),
    retention: await readRetention(client, shopId),
  }))
}

async function readRequests(client: pg.PoolClient, shopId: number, asOf: Date): Promise<RequestRow[]> {
  const { rows } = await client.query<{
    request_id: string
    kind: PrivacyRequestKind
    state: RequestState
    reason: string | null
    received_at: Date
    due_at: Date
    done_at: Date | null
    file: boolean
  }>(
    `SELECT request_id, kind, state, reason, received_at, due_at, done_at, answer IS NOT NULL AS file
     FROM privacy_requests WHERE shop_id = $1
     ORDER BY state IN ('pending', 'ready') DESC, received_at DESC, request_id LIMIT ${LATEST_REQUESTS}`,
    [shopId],
  )
  return rows.map((row) => ({
    requestId: row.request_id,
    kind: row.kind,
    state: row.state,
    reason: row.reason,
    receivedAtMs: row.received_at.getTime(),
    dueAtMs: row.due_at.getTime(),
    doneAtMs: row.done_at?.getTime() ?? null,
    file: row.file,
    overdue: (row.state === "pending" || row.state === "ready") && row.due_at < asOf,
  }))
}

async function readAccesses(client: pg.PoolClient, shopId: number): Promise<AccessRow[]> {
  const { rows } = await client.query<{ access_id: string; at: Date; actor: string; action: string }>(
    `SELECT access_id, at, actor, action FROM access_log WHERE shop_id = $1
     ORDER BY at DESC, access_id DESC LIMIT ${LATEST_ACCESSES}`,
    [shopId],
  )
  return rows.map((row) => ({
    accessId: row.access_id,
    atMs: row.at.getTime(),
    actor: row.actor,
    action: row.action,
  }))
}

async function readHeld(client: pg.PoolClient, shopId: number): Promise<HeldCounts> {
  const count = (rows: string) => `(SELECT count(*) FROM (SELECT FROM ${rows} LIMIT ${MOST_COUNTED}) r)::int`
  const { rows } = await client.query<HeldCounts>(
    `SELECT
      ${count("shoppers WHERE shop_id = $1 AND known AND merged_into IS NULL")} AS people,
      ${count("shoppers WHERE shop_id = $1 AND NOT known AND merged_into IS NULL")} AS anonymous,
      ${count("events WHERE shop_id = $1")} AS events,
      ${count("shop_records WHERE shop_id = $1 AND kind = 'order'")} AS orders,
      ${count("consents WHERE shop_id = $1")} AS consents,
      ${count("decisions WHERE shop_id = $1")} AS decisions`,
    [shopId],
  )
  return rows[0] ?? { people: 0, anonymous: 0, events: 0, orders: 0, consents: 0, decisions: 0 }
}

async function readRetention(client: pg.PoolClient, shopId: number): Promise<PrivacyPage["retention"]> {
  const { rows } = await client.query<{ retention: unknown }>(
    "SELECT coalesce(settings->'retention', '{}') AS retention FROM shops WHERE shop_id = $1",
    [shopId],
  )
  const days = retentionDays(retentionSettings.parse(rows[0]?.retention ?? {}))
  return RETAINED.map((kind) => ({ what: RETAINED_WORDS[kind], howLong: retentionWords(days[kind]) }))
}
