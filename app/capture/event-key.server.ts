/**
 * An event's identity. With an `id` of its source: a hash of that. Without: a hash of its content, and its ordinal
 * among identical rows (see `repeatKeySql`), so that a real repeat survives and a second import adds nothing.
 *
 * The hash is SHA-256 of a secret prefix and the message, cut to 128 bits. The prefix keeps a guess (an e-mail
 * address, an order number) from being tested against a stolen table; the cut output leaves nothing to extend, which
 * is what HMAC guards against, at a seventh of HMAC's cost a row.
 */
import { hash } from "node:crypto"
import { blindIndex, type ShopKeys } from "../shop/keys.server.ts"
import { EVENT_TYPE_CODES, type PlainEvent } from "./event.ts"

/** @returns 16 bytes, as a string of one character each. */
function keyedHash(prefix: string, message: string): string {
  return hash("sha256", prefix + message, "binary").slice(0, 16)
}

/** @param prefix secret of the shop (`eventKeyPrefix`). @param shopper blind index of the shopper, never the name. */
export function eventKey(prefix: string, event: PlainEvent, shopper: string): string {
  if (event.id !== undefined) return keyedHash(prefix, `id\0${event.id}`)
  // No field holds a NUL, so it parts them without doubt.
  return keyedHash(
    prefix,
    `content\0${shopper}\0${EVENT_TYPE_CODES[event.type]}\0${event.atMs}\0${event.item ?? ""}\0${event.priceCents ?? ""}\0${event.currency ?? ""}\0${event.quantity ?? ""}\0${event.session ?? ""}\0${event.order ?? ""}\0${event.query ?? ""}\0${event.source ?? ""}`,
  )
}

export function sessionKey(prefix: string, session: string): string {
  return keyedHash(prefix, `session\0${session}`)
}

/** The shop's secret prefix for keys of events and sessions. */
export function eventKeyPrefix(keys: ShopKeys): string {
  return blindIndex(keys, "event_key", "").toString("hex")
}

/** A key of 16 characters as the database writes it. */
export function uuidOf(key: string): string {
  const hex = Buffer.from(key, "latin1").toString("hex")
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** Key of the n-th of several identical rows, as a uuid; the same as `repeatKeySql`. */
export function repeatKey(uuid: string, ordinal: number): string {
  return ordinal === 1 ? uuid : uuidOf(hash("md5", `${uuid}/${ordinal}`, "binary"))
}

/** SQL for the key of the n-th of several identical rows; the first one keeps its own. */
export function repeatKeySql(key: string, ordinal: string): string {
  return `CASE WHEN ${ordinal} = 1 THEN ${key} ELSE md5(${key}::text || '/' || ${ordinal})::uuid END`
}
