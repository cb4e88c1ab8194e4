/** How Shopify's REST payloads write things: ids as numbers beside a gid, amounts as text, times with the shop's offset. */
import type { ProtectedData } from "../../state/installation.ts"
import type { Store } from "../../state/store.ts"

/** The same resource under both of its names. */
export function ids(type: string, id: string): { id: number; admin_graphql_api_id: string } {
  return { id: Number(id), admin_graphql_api_id: `gid://shopify/${type}/${id}` }
}

export const numberOrNull = (id: string | null) => (id === null ? null : Number(id))

/** 1250 → "12.50" */
export const amount = (cents: number) => (cents / 100).toFixed(2)

/** An amount in the shop's currency and in the buyer's: the same here, where a shop sells in one. */
export function amountSet(cents: number, currency: string) {
  const money = { amount: amount(cents), currency_code: currency }
  return { shop_money: money, presentment_money: { ...money } }
}

const clocks = new Map<string, Intl.DateTimeFormat>()

/** `2026-05-04T13:00:00+01:00`: whole seconds, by the shop's time zone. */
export function timeText(ms: number, timeZone: string): string {
  let clock = clocks.get(timeZone)
  if (!clock) {
    clock = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" })
    clocks.set(timeZone, clock)
  }
  const name = clock.formatToParts(ms).find(({ type }) => type === "timeZoneName")?.value ?? "GMT"
  const offset = name.replace("GMT", "") || "+00:00"
  const [hours = 0, minutes = 0] = offset.slice(1).split(":").map(Number)
  const shift = (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000
  return `${new Date(Math.floor(ms / 1000) * 1000 + shift).toISOString().slice(0, 19)}${offset}`
}

/** What a payload is written from: the shop around the resource. */
export type PayloadSource = Pick<Store, "shop" | "installation" | "levels" | "customers" | "locations">

export const at = ({ shop }: PayloadSource, ms: number) => timeText(ms, shop.timeZone)
export const atOrNull = (source: PayloadSource, ms: number | null) => (ms === null ? null : at(source, ms))

/** A field that names a person; null where the app was not granted such fields. */
export function personal<T>(source: PayloadSource, kind: ProtectedData, value: T): T | null {
  return source.installation.protectedData.has(kind) ? value : null
}
