/**
 * P(alive): the probability that a customer is still one, under the BG/NBD model. While alive a customer buys at a
 * Poisson rate λ, Gamma(r, α) over customers; after each purchase they leave for good with probability p, Beta(a, b)
 * over customers. For x repeat purchases, the last one at time t_x of T since the first:
 *
 *   P(alive | x, t_x, T) = 1 / (1 + [x > 0] · a / (b + x − 1) · ((α + T) / (α + t_x))^(r + x))
 *
 * Sources: P. Fader, B. Hardie, K. L. Lee, "Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD
 * Model, Marketing Science 24(2), 2005; the formula in their note "Computing P(alive) Using the BG/NBD Model", 2008.
 * The power is taken in logarithms, so neither long histories nor long silences overflow.
 *
 * Limits: a customer of one purchase has not had a chance to leave, so the model gives 1 however long the silence
 * (lifecycle.ts judges those by their rhythm). Rates do not drift with season or price. The parameters are fitted
 * by `ml`; α carries the unit of time, here days.
 */
export type BgNbdParameters = { r: number; alpha: number; a: number; b: number }

/**
 * @param repeats x, purchases after the first (whole number ≥ 0)
 * @param lastDays t_x, days from the first purchase to the last
 * @param ageDays T ≥ t_x, days from the first purchase to now
 * @returns probability, 0 to 1
 */
export function pAlive(
  { r, alpha, a, b }: BgNbdParameters,
  repeats: number,
  lastDays: number,
  ageDays: number,
): number {
  if (!(r > 0 && alpha > 0 && a > 0 && b > 0))
    throw new RangeError(`BG/NBD parameters must be above 0, got r ${r}, alpha ${alpha}, a ${a}, b ${b}`)
  if (!(repeats >= 0 && lastDays >= 0 && ageDays >= lastDays))
    throw new RangeError(
      `P(alive) expects repeats ≥ 0 and 0 ≤ lastDays ≤ ageDays, got ${repeats}, ${lastDays}, ${ageDays}`,
    )
  if (repeats === 0) return 1
  const silence = Math.log1p((ageDays - lastDays) / (alpha + lastDays))
  const logOddsGone = Math.log(a) - Math.log(b + repeats - 1) + (r + repeats) * silence
  return 1 / (1 + Math.exp(logOddsGone))
}
