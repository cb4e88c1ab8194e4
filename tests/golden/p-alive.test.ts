import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { z } from "zod"
import { pAlive } from "../../app/journey/p-alive.ts"

/** Written by `python -m throughline.golden_p_alive`: the pipeline fits the parameters, the program applies them. */
const numbers = z.array(z.number())
const fits = z
  .array(
    z.object({
      parameters: z.object({ r: z.number(), alpha: z.number(), a: z.number(), b: z.number() }),
      repeats: numbers,
      last_days: numbers,
      age_days: numbers,
      p_alive: numbers,
    }),
  )
  .min(1)
  .parse(JSON.parse(readFileSync(new URL("../../ml/golden-p-alive.json", import.meta.url), "utf8")))

test.each(fits)(
  "P(alive) is the pipeline's, to twelve digits: r $parameters.r",
  ({ parameters, repeats, last_days, age_days, p_alive }) => {
    expect(p_alive.length).toBe(repeats.length)
    for (const [index, expected] of p_alive.entries()) {
      const came = pAlive(parameters, repeats[index] ?? -1, last_days[index] ?? -1, age_days[index] ?? -1)
      expect(Math.abs(came - expected)).toBeLessThanOrEqual(1e-12 * expected + 1e-300)
    }
  },
)
