import type { Random } from "../support/demo-shop/random.ts"
import type { Bed } from "./bed.ts"

/** One line of the table. */
export type Outcome = {
  /** Number in the programme of faults, and what was done. */
  fault: number
  injected: string
  /** Independent injections, the n of the bound 3/n. */
  trials: number
  trialsAre: string
  /** Acknowledged, and not in the final state. */
  lost: number
  /** In the final state more than once. */
  doubled: number
  /** Forgeries taken, or anything of one shop that another one saw. */
  leaked: number
  /** Whatever else is wrong, in words; none when all is well. */
  wrong: string[]
  recoveryMs: number[]
  /** The slowest one in a hundred may take this long. */
  recoveryTargetMs?: number
  /** Measurements that have no column. */
  notes: string[]
}

export type Fault = {
  number: number
  name: string
  /** What must hold. */
  invariant: string
  /** How many injections without and with `--long`. */
  counts: { small: number; long: number }
  run(bed: Bed, options: FaultOptions): Promise<Outcome[]>
}

export type FaultOptions = {
  count: number
  random: Random
  /** Progress. */
  say: (text: string) => void
  /** Prints what is looked at, where somebody asked to see it. */
  table?: ((text: string) => void) | undefined
}

export function newOutcome(fault: number, injected: string, trialsAre: string): Outcome {
  return {
    fault,
    injected,
    trials: 0,
    trialsAre,
    lost: 0,
    doubled: 0,
    leaked: 0,
    wrong: [],
    recoveryMs: [],
    notes: [],
  }
}

export function holds(outcome: Outcome): boolean {
  const { trials, lost, doubled, leaked, wrong } = outcome
  return trials > 0 && lost + doubled + leaked + wrong.length === 0
}

export function inTime({ recoveryMs, recoveryTargetMs }: Outcome): boolean {
  return recoveryTargetMs === undefined || quantile(recoveryMs, 0.99) <= recoveryTargetMs
}

/** The smallest value that at least this share of the values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}
