import { COMPARED, type Compared, type Lines } from "./shop-truth.ts"

export type Difference = {
  kind: Compared
  shop: number
  app: number
  /** In the shop and not in the app; the other way round; in both and not the same. */
  missing: number
  extra: number
  different: number
  /** A few of them, to look at. */
  examples: string[]
}

const EXAMPLES = 3

export function differences(shop: Lines, app: Lines): Difference[] {
  return COMPARED.map((kind) => {
    const found: Difference = {
      kind,
      shop: shop[kind].size,
      app: app[kind].size,
      missing: 0,
      extra: 0,
      different: 0,
      examples: [],
    }
    const note = (what: "missing" | "extra" | "different", text: string) => {
      found[what]++
      if (found.examples.length < EXAMPLES) found.examples.push(`${what}: ${text}`)
    }
    for (const [name, said] of shop[kind]) {
      const told = app[kind].get(name)
      if (told === undefined) note("missing", `${name} ${said}`)
      else if (told !== said) note("different", `${name} shop ${said} app ${told}`)
    }
    for (const [name, told] of app[kind]) if (!shop[kind].has(name)) note("extra", `${name} ${told}`)
    return found
  })
}

export const isEqual = (all: readonly Difference[]) =>
  all.every(({ missing, extra, different }) => missing + extra + different === 0)

export function differenceTable(all: readonly Difference[]): string {
  const head = ["kind", "shop", "app", "missing", "extra", "different", ""]
  const rows = all.map(({ kind, shop, app, missing, extra, different }) => [
    kind,
    ...[shop, app, missing, extra, different].map((count) => count.toLocaleString("en")),
    missing + extra + different === 0 ? "✓" : "✗",
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd()
  const examples = all.flatMap(({ kind, examples: some }) => some.map((text) => `  ${kind} ${text}`))
  return [line(head), ...rows.map(line), ...(examples.length ? ["", ...examples] : [])].join("\n")
}
