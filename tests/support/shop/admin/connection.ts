/**
 * Connections as Shopify pages them: a cursor names the last item's sort value and id, so that a page goes on where
 * the one before ended even when items were added or changed between the two.
 */
import { GraphQLError } from "graphql"
import type { AdminContext, Arguments } from "./admin-context.ts"

export type SortKey = readonly [value: number | string, id: string]

export type Page = {
  nodes: readonly object[]
  cursorOf: (node: object) => string
  hasNextPage: boolean
  hasPreviousPage: boolean
}

const LARGEST_PAGE = 250 // Shopify's own limit

/** `sorted` is in ascending order of `keyOf`. */
export function pageOf<T extends object>(
  sorted: readonly T[],
  keyOf: (item: T) => SortKey,
  args: Arguments,
  context: AdminContext,
  isRoot = false,
): Page {
  const items = args.reverse === true ? sorted.toReversed() : sorted
  const cursorOf = (node: object) => encode(keyOf(node as T))
  const { bulk } = context
  if (bulk) {
    if (!isRoot) return { nodes: items, cursorOf, hasNextPage: false, hasPreviousPage: false }
    bulk.list ??= items
    const nodes = bulk.list.slice(bulk.from, bulk.from + bulk.size)
    return { nodes, cursorOf, hasNextPage: bulk.from + bulk.size < bulk.list.length, hasPreviousPage: false }
  }
  const direction = args.reverse === true ? -1 : 1
  const place = (cursor: unknown) => ({
    first: search(items, (item) => direction * compareKeys(keyOf(item), decode(cursor)) >= 0),
    past: search(items, (item) => direction * compareKeys(keyOf(item), decode(cursor)) > 0),
  })
  let from = args.after == null ? 0 : place(args.after).past
  let to = args.before == null ? items.length : place(args.before).first
  const { count, fromEnd } = sizeOf(args)
  if (fromEnd) from = Math.max(from, to - count)
  else to = Math.min(to, from + count)
  return {
    nodes: items.slice(from, to),
    cursorOf,
    hasNextPage: to < items.length,
    hasPreviousPage: from > 0,
  }
}

/** A short list in an order of its own. */
export function pageInOrder<T extends { id: string }>(
  items: readonly T[],
  args: Arguments,
  context: AdminContext,
): Page {
  const places = new Map(items.map((item, place) => [item, place]))
  return pageOf(items, (item) => [places.get(item) ?? 0, item.id], args, context)
}

function sizeOf({ first, last }: Arguments): { count: number; fromEnd: boolean } {
  if (first != null && last != null) throw new GraphQLError("providing both first and last is not supported")
  const count = Number(first ?? last ?? Number.NaN)
  if (Number.isNaN(count)) throw new GraphQLError("you must provide one of first or last")
  if (count < 0) throw new GraphQLError(`${first == null ? "last" : "first"} must be a positive integer`)
  if (count > LARGEST_PAGE)
    throw new GraphQLError(`${first == null ? "last" : "first"} cannot exceed ${LARGEST_PAGE}`)
  return { count, fromEnd: first == null }
}

/** Index of the first item for which `holds`, which is false up to some place and true from there. */
function search<T>(items: readonly T[], holds: (item: T) => boolean): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(items[middle] as T)) high = middle
    else low = middle + 1
  }
  return low
}

export function compareKeys(a: SortKey, b: SortKey): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1
  // Ids are digits: the longer is the greater.
  if (a[1].length !== b[1].length) return a[1].length - b[1].length
  return a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0
}

function encode([value, id]: SortKey): string {
  return Buffer.from(JSON.stringify({ last_id: id, last_value: value })).toString("base64")
}

function decode(cursor: unknown): SortKey {
  try {
    const { last_id, last_value } = JSON.parse(Buffer.from(String(cursor), "base64").toString())
    if (typeof last_id === "string" && /^(string|number)$/.test(typeof last_value))
      return [last_value, last_id]
  } catch {
    // Not one of ours: said below.
  }
  throw new GraphQLError("Invalid cursor for current pagination sort.")
}
