/**
 * Rows of a file → a TEMP table, by COPY (COPY into a table with row-level security is refused). Names do not
 * go in: shoppers and items are numbered as they come, and the row on which a number appears for the first time also
 * carries what it stands for. A shopper's name and what was searched for are hidden there under a key that this
 * process alone holds, since a TEMP table is a file on disk.
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from "node:crypto"
import type pg from "pg"
import { blindIndex, type ShopKeys } from "../shop/keys.server.ts"
import { openCopy } from "./copy-stream.server.ts"
import { EVENT_TYPE_CODES, type PlainEvent } from "./event.ts"
import { eventKey, eventKeyPrefix, sessionKey } from "./event-key.server.ts"
import { monthOf } from "./event-partitions.server.ts"
import type { NameKind } from "./name-kind.ts"
import { NumberedNames } from "./numbered-names.ts"
import { RepeatFilter } from "./repeat-filter.ts"

const COLUMNS = [
  "at timestamptz",
  "shopper_no int",
  "item_no int",
  "price_cents int",
  "quantity int",
  "query_no int",
  "type smallint",
  "seen boolean",
  "has_id boolean",
  "key uuid",
  "source_session uuid",
  "currency bpchar",
  "order_ref text",
  "source text",
  "query bytea",
  "new_blind bytea",
  "new_name bytea",
  "new_item text",
] as const

/** Names kept in memory at a time, of each of two generations: some 30 MB of shoppers, 15 MB of items. */
const SHOPPERS_KEPT = 60_000
const ITEMS_KEPT = 60_000
const SESSIONS_KEPT = 10_000

export type EventStage = {
  add(event: PlainEvent): void
  /** Hands what has gathered to the database; await it after every batch. */
  flush(): Promise<void>
  end(): Promise<Staged>
  abort(): void
}

export type Staged = {
  rows: number
  /** Rows that the filter took for repeats; more than the true ones, never fewer. */
  seen: number
  withId: number
  queries: number
  months: Set<number>
  hidden: Hidden
}

/** Text kept from the disk while it waits in a TEMP table. */
export type Hidden = {
  hide(kind: "name" | "query", number: number, text: string): Buffer
  show(kind: "name" | "query", number: number, hidden: Uint8Array): string
}

function hiddenUnder(key: KeyObject): Hidden {
  // AES-256-CTR; kind and number make each nonce unique under a key that lives as long as the import.
  const nonce = (kind: "name" | "query", number: number) => {
    const bytes = Buffer.alloc(16)
    bytes.writeUInt8(kind === "name" ? 1 : 2, 0)
    bytes.writeUInt32BE(number, 4)
    return bytes
  }
  return {
    hide: (kind, number, text) =>
      createCipheriv("aes-256-ctr", key, nonce(kind, number)).update(text, "utf8"),
    show: (kind, number, hidden) =>
      createDecipheriv("aes-256-ctr", key, nonce(kind, number)).update(hidden).toString("utf8"),
  }
}

export async function stageEvents(
  client: pg.PoolClient,
  keys: ShopKeys,
  kind: NameKind,
): Promise<EventStage> {
  await client.query(`CREATE TEMP TABLE staged_events (${COLUMNS.join(", ")}) ON COMMIT DROP`)
  const names = COLUMNS.map((column) => column.split(" ")[0]).join(", ")
  const stream = openCopy(client, `pg_temp.staged_events (${names})`)
  const copy = stream.rows
  const prefix = eventKeyPrefix(keys)
  const hidden = hiddenUnder(createSecretKey(randomBytes(32)))
  const shoppers = new NumberedNames(SHOPPERS_KEPT, (name) => blindIndex(keys, kind, name).toString("latin1"))
  const items = new NumberedNames(ITEMS_KEPT, () => null)
  const sessions = new NumberedNames(SESSIONS_KEPT, (name) => sessionKey(prefix, name))
  const filter = new RepeatFilter()
  const staged: Staged = { rows: 0, seen: 0, withId: 0, queries: 0, months: new Set(), hidden }
  let lastShopper = 0
  let lastItem = 0
  let month = { from: 0, to: 0 }

  const noteMonth = (atMs: number) => {
    if (atMs >= month.from && atMs < month.to) return
    const number = monthOf(atMs)
    const [year, index] = [Math.floor(number / 12), number % 12]
    month = { from: Date.UTC(year, index), to: Date.UTC(year, index + 1) }
    staged.months.add(number)
  }

  return {
    add(event) {
      const shopper = shoppers.of(event.shopper)
      const item = event.item === undefined ? null : items.of(event.item)
      const key = eventKey(prefix, event, shopper.value)
      const seen = filter.seen(key)
      const query = event.query === undefined ? 0 : ++staged.queries
      noteMonth(event.atMs)
      staged.rows++
      if (seen) staged.seen++
      if (event.id !== undefined) staged.withId++

      copy.row(COLUMNS.length)
      copy.time(event.atMs)
      copy.int32(shopper.number)
      copy.int32(item?.number)
      copy.int32(event.priceCents)
      copy.int32(event.quantity)
      copy.int32(query === 0 ? undefined : query)
      copy.int16(EVENT_TYPE_CODES[event.type])
      copy.bool(seen)
      copy.bool(event.id !== undefined)
      copy.latin1(key)
      copy.latin1(event.session === undefined ? undefined : sessions.of(event.session).value)
      copy.latin1(event.currency)
      copy.text(event.order)
      copy.text(event.source)
      copy.blob(event.query === undefined ? undefined : hidden.hide("query", query, event.query))
      if (shopper.number > lastShopper) {
        lastShopper = shopper.number
        copy.latin1(shopper.value)
        copy.blob(hidden.hide("name", shopper.number, event.shopper))
      } else {
        copy.none()
        copy.none()
      }
      if (item && item.number > lastItem) {
        lastItem = item.number
        copy.text(event.item)
      } else copy.none()
    },
    flush: stream.flush,
    async end() {
      await stream.end()
      await client.query("ANALYZE pg_temp.staged_events (shopper_no, item_no, query_no, key, seen)")
      return staged
    },
    abort: stream.abort,
  }
}
