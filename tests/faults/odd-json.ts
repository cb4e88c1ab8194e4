import type { Random } from "../support/demo-shop/random.ts"

/** A copy of a value in which a few places hold something that nobody expects there. */
export function oddened(value: unknown, random: Random): unknown {
  let places = 1 + random.integer(3)
  const size = countPlaces(value)
  const visit = (one: unknown, depth: number): unknown => {
    if (places > 0 && random.chance(Math.min(0.5, 3 / size))) {
      places--
      return random.pick(ODD)(random)
    }
    if (Array.isArray(one)) return one.map((entry) => visit(entry, depth + 1))
    if (typeof one === "object" && one !== null)
      return Object.fromEntries(Object.entries(one).map(([name, entry]) => [name, visit(entry, depth + 1)]))
    return one
  }
  return visit(value, 0)
}

function countPlaces(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1
  return Object.values(value).reduce((sum: number, one) => sum + countPlaces(one), 1)
}

const nested = (depth: number): unknown => JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`)

const ODD: readonly ((random: Random) => unknown)[] = [
  () => null,
  () => true,
  () => "",
  () => [],
  () => ({}),
  () => -1,
  () => 0.1,
  () => 1e308,
  () => Number.MAX_SAFE_INTEGER + 2,
  () => -(2 ** 63),
  () => "9".repeat(40),
  () => "-0",
  () => "1e9",
  () => "NaN",
  () => "12,50",
  () => "\u0000",
  () => "a\u0000b",
  () => "\ud800",
  () => "\u202e<script>alert(1)</script>",
  () => "'; DROP TABLE shops; --",
  () => "0000-00-00T00:00:00Z",
  () => "9999-12-31T23:59:59+14:00",
  () => "+275760-09-13T00:00:00.001Z",
  () => "2026-02-30T25:61:61Z",
  () => "x".repeat(100_000),
  () => nested(2_000),
  () => JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}'),
  (random) => Array.from({ length: 300 }, () => random.integer(1e9)),
  (random) => "x".repeat(random.integer(600)),
]
