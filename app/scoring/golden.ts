/**
 * Outputs on this machine against those of the pipeline: |Δ| ≤ 1e-5 + 1e-4·|expected| for float32, equality for
 * whole numbers. A damaged model can answer without an error, so a model that fails this serves nobody.
 */
const ABSOLUTE = 1e-5
const RELATIVE = 1e-4

export type Precision = "float32" | "exact"

/** Why an output, given as (rows, columns) values one after the other, is not the expected one; null when it is. */
export function goldenMismatch(
  name: string,
  expected: readonly (readonly number[])[],
  came: ArrayLike<number | bigint>,
  precision: Precision,
): string | null {
  const wanted = expected.flat()
  if (came.length !== wanted.length) return `${name} has ${came.length} values, expected ${wanted.length}`
  for (const [index, value] of wanted.entries()) {
    const actual = Number(came[index])
    const allowed = precision === "float32" ? ABSOLUTE + RELATIVE * Math.abs(value) : 0
    // Written so that NaN fails.
    if (!(Math.abs(actual - value) <= allowed)) return `${name}[${index}] is ${actual}, expected ${value}`
  }
  return null
}
