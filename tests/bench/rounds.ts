/**
 * Rounds of interleaved measurements. Absolute figures drift with whatever else the machine does, so each round
 * measures everything once, in random order, after a calibration of its own; figures are medians of ratios within
 * rounds. A round whose calibration is more than 5 % below the best one is dropped, and how many were is published.
 * Rounds go on until as many are kept as were asked for, but no longer than three times as many.
 */
import { performance } from "node:perf_hooks"

export type Variant = { name: string; measure: () => Promise<number> }

export type Round = { calibration: number; values: Map<string, number> }

export type Rounds = { kept: Round[]; dropped: number; all: number }

const CALIBRATION_CALLS = 5
const TOLERANCE = 0.05

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

const left = Float64Array.from({ length: 4096 }, (_, at) => Math.sin(at))
const right = Float64Array.from({ length: 4096 }, (_, at) => Math.cos(at))

/** Multiplications and additions a second of one thread, in millions. */
function calibrationCall(): number {
  const startedMs = performance.now()
  let sum = 0
  for (let repeat = 0; repeat < 2_000; repeat += 1)
    for (let at = 0; at < 4096; at += 1) sum += (left[at] ?? 0) * (right[at] ?? 0)
  if (!Number.isFinite(sum)) throw new Error("the calibration computed nothing")
  return (2_000 * 4096) / (performance.now() - startedMs) / 1_000
}

export const calibrate = (): number => median(Array.from({ length: CALIBRATION_CALLS }, calibrationCall))

/** Random order, so that no variant always follows the same one. */
function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value)
}

const MOST_TIMES = 3

function keptOf(all: readonly Round[]): Round[] {
  const best = Math.max(...all.map((round) => round.calibration))
  return all.filter((round) => round.calibration >= best * (1 - TOLERANCE))
}

export async function runRounds(
  variants: readonly Variant[],
  wanted: number,
  onRound: (done: number, kept: number) => void,
): Promise<Rounds> {
  for (const variant of variants) await variant.measure() // warm-up, not counted
  const all: Round[] = []
  while (all.length < wanted * MOST_TIMES && keptOf(all).length < wanted) {
    const before = calibrate()
    const values = new Map<string, number>()
    for (const variant of shuffled(variants)) values.set(variant.name, await variant.measure())
    // A neighbour that came in between counts as well.
    all.push({ calibration: Math.min(before, calibrate()), values })
    onRound(all.length, keptOf(all).length)
  }
  const kept = keptOf(all)
  return { kept, dropped: all.length - kept.length, all: all.length }
}

/** The median over the rounds kept of what `figure` makes of one round's values. */
export function figureOf(rounds: Rounds, figure: (value: (name: string) => number) => number): number {
  return median(
    rounds.kept.map((round) =>
      figure((name) => {
        const value = round.values.get(name)
        if (value === undefined) throw new Error(`nothing was measured for ${name}`)
        return value
      }),
    ),
  )
}
