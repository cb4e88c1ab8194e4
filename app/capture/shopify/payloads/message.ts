import { msOfTime, versionOf } from "../shop-time.ts"

/** A webhook as its payload's reader sees it. */
export type Message = {
  body: Readonly<Record<string, unknown>>
  /** When Shopify triggered it, epoch milliseconds. */
  seenAtMs: number
}

export function timeIn(message: Message, value: unknown): number | undefined {
  return msOfTime(value, message.seenAtMs)
}

/** null stays null: it has not happened. */
export function timeOrNullIn(message: Message, value: string | null | undefined): number | null | undefined {
  return value === null ? null : timeIn(message, value)
}

/** @param updatedAt the resource's own `updated_at` */
export function versionIn(message: Message, updatedAt: unknown): number {
  return versionOf(timeIn(message, updatedAt), message.seenAtMs)
}
