/**
 * Shopify's search syntax, as far as the shop knows: `field:value` with `>`, `>=`, `<`, `<=`, quotes, joined by AND (or
 * nothing) and OR, without brackets. Times compare in whole seconds, as they are shown.
 */
import { GraphQLError } from "graphql"

/** Field → its value; a number is a time in milliseconds. */
export type Searchable<T> = Record<string, (item: T) => number | string | boolean | null>

const TERM = /^([a-z_]+):(>=|<=|>|<|=)?(.+)$/i

/** @throws GraphQLError on a field that the simulated shop cannot search by; Shopify would ignore it */
export function searchFilter<T>(query: unknown, fields: Searchable<T>): ((item: T) => boolean) | null {
  if (query === undefined || query === null || String(query).trim() === "") return null
  const ways = split(String(query)).map((terms) => terms.map((term) => readTerm(term, fields)))
  return (item) => ways.some((terms) => terms.every((holds) => holds(item)))
}

/** OR of ANDs. */
function split(query: string): string[][] {
  const words = query.match(/[^\s"']*(?:"[^"]*"|'[^']*')|\S+/g) ?? []
  const ways: string[][] = [[]]
  for (const word of words) {
    if (word === "OR") ways.push([])
    else if (word !== "AND") ways.at(-1)?.push(word)
  }
  return ways
}

function readTerm<T>(term: string, fields: Searchable<T>): (item: T) => boolean {
  const [, name = "", operator = "=", quoted = ""] = TERM.exec(term) ?? []
  const value = quoted.replace(/^(["'])(.*)\1$/, "$2")
  const read = fields[name]
  if (!read)
    throw new GraphQLError(
      `The simulated shop cannot search by “${term}”; it knows ${Object.keys(fields).join(", ")}.`,
      { extensions: { code: "NOT_SIMULATED" } },
    )
  let time: number | undefined
  return (item) => {
    const held = read(item)
    if (held === null) return false
    if (typeof held === "number") {
      time ??= seconds(timeOf(value))
      return compare(seconds(held) - time, operator)
    }
    if (/^\d+$/.test(value) && typeof held === "string" && /^\d+$/.test(held))
      return compare(Number(BigInt(held) - BigInt(value)), operator)
    return value === "any" || String(held).toLowerCase() === value.toLowerCase()
  }
}

const seconds = (ms: number) => Math.floor(ms / 1000)

function timeOf(value: string): number {
  const ms = Date.parse(value)
  if (Number.isNaN(ms)) throw new GraphQLError(`Expected a time, got “${value}”.`)
  return ms
}

function compare(difference: number, operator: string): boolean {
  switch (operator) {
    case ">":
      return difference > 0
    case ">=":
      return difference >= 0
    case "<":
      return difference < 0
    case "<=":
      return difference <= 0
    default:
      return difference === 0
  }
}
