/** Whether data can carry an evaluation: what was found in it, what was mended, and what must be mended first. */
import { AppError } from "../../errors.ts"
import { wrapped } from "../report/lines.ts"

/**
 * fine: as it should be. mended: something was wrong and has been put right, as the sentence says. warning: the
 * figures come, and must be read with it in mind. refused: figures would mean nothing.
 */
export type FindingLevel = "fine" | "mended" | "warning" | "refused"

export type Finding = {
  level: FindingLevel
  /** What it is about, in a word or three. */
  subject: string
  /** One or two sentences: the figure, and what to do where something is to be done. */
  sentence: string
}

const MARKS: Record<FindingLevel, string> = { fine: "✓", mended: "✓", warning: "!", refused: "✗" }

export function findingMark(level: FindingLevel): string {
  return MARKS[level]
}

export function readinessText(findings: readonly Finding[]): string {
  const width = Math.max(0, ...findings.map(({ subject }) => subject.length)) + 2
  return ["", "Readiness", ...findings.flatMap((one) => findingLines(one, width)), ""].join("\n")
}

function findingLines({ level, subject, sentence }: Finding, width: number): string[] {
  const told = level === "mended" ? `mended: ${sentence}` : sentence
  return wrapped(told, `  ${MARKS[level]} ${subject.padEnd(width)}`)
}

/** @throws AppError `not_enough_data` where a finding refuses the data */
export function requireReady(findings: readonly Finding[]): void {
  const refused = findings.filter(({ level }) => level === "refused")
  if (refused.length === 0) return
  const reasons = refused.flatMap(({ subject, sentence }) => wrapped(`${subject}: ${sentence}`, "  ✗ "))
  throw new AppError("not_enough_data", ["The data is not ready to be evaluated:", ...reasons].join("\n"))
}

export const count = (value: number) => value.toLocaleString("en")

/** A share as a percentage; what is above 0 never reads as 0. */
export function percent(share: number): string {
  const value = share * 100
  if (value > 0 && value < 0.1) return "under 0.1 %"
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} %`
}

export const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)

/** "1 event", "2 events". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}
