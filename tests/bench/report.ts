/** A measured figure. `target` reads ">= 0.7" or "<= 150"; null where nothing is promised. */
export type Figure = { name: string; value: number; unit: string; target: string | null }

export type Reported = Figure & { ok: boolean }

export function judged(figure: Figure): Reported {
  if (figure.target === null) return { ...figure, ok: true }
  const [sign, limit] = figure.target.split(" ")
  const bound = Number(limit)
  if ((sign !== ">=" && sign !== "<=") || Number.isNaN(bound))
    throw new Error(`no such target: ${figure.target}`)
  // Written so that NaN fails.
  return { ...figure, ok: sign === ">=" ? figure.value >= bound : figure.value <= bound }
}

const digits = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3))

export function table(figures: readonly Reported[]): string {
  const rows = figures.map(({ name, value, unit, target, ok }) => [
    name,
    digits(value),
    unit,
    target ?? "",
    target === null ? "" : ok ? "ok" : "MISSED",
  ])
  const head = ["figure", "value", "unit", "target", ""]
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  return [head, widths.map((width) => "-".repeat(width)), ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}
