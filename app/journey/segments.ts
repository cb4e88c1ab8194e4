/**
 * Segments of the journey map. Each visit counts in one segment of every kind; `all` is the visits of new and of
 * returning shoppers together.
 */
import { LIFECYCLES, type Lifecycle } from "./lifecycle.ts"

export const VISITOR_SEGMENTS = ["visitors:new", "visitors:returning"] as const
export const IDENTITY_SEGMENTS = ["identity:known", "identity:anonymous"] as const
export const LIFECYCLE_SEGMENTS = ["prospect", ...LIFECYCLES] as const

/** `all`, `visitors:…`, `identity:…`, `lifecycle:…` or `source:CHANNEL`. */
export type Segment = string

/** What a visit is counted by. */
export type Labels = {
  returning: boolean
  known: boolean
  /** When the visit began; null before the first purchase. */
  lifecycle: Lifecycle | null
  channel: string
}

export const CHANNEL = /^[a-z0-9][a-z0-9 ._-]{0,31}$/

/** The channel of "channel:campaign". Names that are no channel's are taken together, so they cannot flood the map. */
export function channelOf(source: string | null): string {
  if (source === null || source.trim() === "") return "direct"
  const channel = (source.split(":")[0] ?? "").trim().toLowerCase()
  return CHANNEL.test(channel) ? channel : "other"
}

/** The segments that the map is kept by. */
export function segmentsOf(labels: Labels): Segment[] {
  return [
    labels.returning ? "visitors:returning" : "visitors:new",
    labels.known ? "identity:known" : "identity:anonymous",
    `lifecycle:${labels.lifecycle ?? "prospect"}`,
    `source:${labels.channel}`,
  ]
}
