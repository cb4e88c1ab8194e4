import { z } from "zod"
import { AppError } from "../errors.ts"
import type { MapQuery } from "./build-map.ts"
import { addDays, DAY_MS } from "./map-days.ts"
import { CHANNEL, IDENTITY_SEGMENTS, LIFECYCLE_SEGMENTS, VISITOR_SEGMENTS } from "./segments.ts"
import { MAP_STEPS } from "./stages.ts"

const DEFAULT_DAYS = 90
/** No shop's log is longer; a wider period is a slip of the pen. */
const MOST_DAYS = 3_660

const day = z.iso.date()
const segment = z.union([
  z.enum(["all", ...VISITOR_SEGMENTS, ...IDENTITY_SEGMENTS]),
  z.templateLiteral(["lifecycle:", z.enum(LIFECYCLE_SEGMENTS)]),
  z.string().refine((value) => value.startsWith("source:") && CHANNEL.test(value.slice("source:".length))),
])
// An empty field of a form is one that was not filled in.
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional())

const schema = z.object({
  from: optional(day),
  to: optional(day),
  segment: optional(segment),
  start: optional(z.enum(MAP_STEPS)),
  end: optional(z.enum(MAP_STEPS)),
})

/**
 * Reads `from`, `to`, `segment`, `start` and `end` from an address. What is left out becomes: the last 90 days with
 * visits, all visits, any start and end.
 * @param days first and last day of the shop's visits, YYYY-MM-DD
 * @throws AppError `bad_request`
 */
export function parseMapQuery(parameters: URLSearchParams, days: { from: string; to: string }): MapQuery {
  const parsed = schema.safeParse(Object.fromEntries(parameters))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new AppError(
      "bad_request",
      `The journey map cannot be read with this ${String(issue?.path[0] ?? "query")}: ${issue?.message ?? "it is not valid"}. Expected days as YYYY-MM-DD, a segment such as all, visitors:new or source:email, and steps by their event type.`,
    )
  }
  const { segment = "all", start = null, end = null } = parsed.data
  const to = parsed.data.to ?? days.to
  const earliest = addDays(to, 1 - DEFAULT_DAYS)
  const from = parsed.data.from ?? (earliest < days.from && days.from <= to ? days.from : earliest)
  const length = (Date.parse(to) - Date.parse(from)) / DAY_MS
  if (length < 0 || length > MOST_DAYS)
    throw new AppError(
      "bad_request",
      `The period must run forward and be at most ${MOST_DAYS} days long; it goes from ${from} to ${to}.`,
    )
  return { from, to, segment, start, end }
}
