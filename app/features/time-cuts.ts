/**
 * Where a log is cut by time: what is fitted lies before `validationMs`, what is chosen by lies from there to `testMs`,
 * and what is judged lies from there to `endMs`.
 */
import { AppError } from "../errors.ts"
import { customerTestMs } from "./customer-cuts.ts"

/** What an evaluation of a log can predict. */
export const EVALUATION_TARGETS = ["next-event", "next-basket", "purchase", "return", "spend"] as const
export type EvaluationTarget = (typeof EVALUATION_TARGETS)[number]

export type TimeCuts = { startMs: number; validationMs: number; testMs: number; endMs: number }

const DAY_MS = 86_400_000

/** Of the events, for a question that every event asks: the usual shares of a split by time. */
const TEST_SHARE = 0.1
const VALIDATION_SHARE = 0.1

/** A month of baskets is judged where at least three months lie before it. */
const BASKET_DAYS = 30
const BASKET_LOG_DAYS = 120
const BASKET_SHARE = 0.25

/**
 * @param times of all events, ascending, epoch ms
 * @param cutMs the test begins with it; null: chosen by the log's length
 * @throws AppError `bad_request` for a cut outside the log, `not_enough_data` where all events share their time
 */
export function timeCuts(target: EvaluationTarget, times: Float64Array, cutMs: number | null): TimeCuts {
  const startMs = times[0] ?? 0
  const lastMs = times.at(-1) ?? 0
  if (startMs === lastMs)
    throw new AppError(
      "not_enough_data",
      `A split by time needs events of at least two moments; all ${times.length.toLocaleString("en")} events are at ${isoOf(lastMs)}. Give the times at which they happened, or use --split leave-one-out.`,
    )
  if (cutMs !== null && (cutMs <= startMs || cutMs > lastMs))
    throw new AppError(
      "bad_request",
      `--cut ${isoOf(cutMs)} is not inside the log, which goes from ${isoOf(startMs)} to ${isoOf(lastMs)}. Give a day between them: what lies before it is learned from, the rest is predicted.`,
    )
  const window = { startMs, endMs: lastMs + 1 }
  switch (target) {
    case "next-event":
    case "purchase":
      return { ...window, ...cutsByCount(times, cutMs) }
    case "next-basket":
      return { ...window, ...cutsByDays(startMs, lastMs, cutMs ?? basketTestMs(startMs, lastMs)) }
    case "return":
    case "spend":
      return { ...window, ...cutsByDays(startMs, lastMs, cutMs ?? middleMs(startMs, lastMs)) }
    default:
      return target satisfies never
  }
}

function basketTestMs(startMs: number, lastMs: number): number {
  const spanMs = lastMs - startMs
  return spanMs >= BASKET_LOG_DAYS * DAY_MS ? lastMs - BASKET_DAYS * DAY_MS : lastMs - spanMs * BASKET_SHARE
}

/** The start of a day, unless the log is so short that it lies in no two days. */
function middleMs(startMs: number, lastMs: number): number {
  const onDay = customerTestMs(startMs, lastMs)
  return onDay > startMs && onDay <= lastMs ? onDay : startMs + (lastMs - startMs) / 2
}

/** Validation is as long as the test, or half of what lies before it where that is shorter. */
function cutsByDays(startMs: number, lastMs: number, testMs: number) {
  return { validationMs: testMs - Math.min(lastMs + 1 - testMs, (testMs - startMs) / 2), testMs }
}

function cutsByCount(times: Float64Array, cutMs: number | null) {
  const at = (index: number) => times[Math.max(0, Math.min(times.length - 1, Math.floor(index)))] ?? 0
  const chosenMs = cutMs ?? at(times.length * (1 - TEST_SHARE))
  // A first moment that holds nearly all: the test is what comes after it.
  const testMs = chosenMs > at(0) ? chosenMs : firstAfter(times, at(0))
  const before = countBelow(times, testMs)
  const validationMs = at((before * (1 - TEST_SHARE - VALIDATION_SHARE)) / (1 - TEST_SHARE))
  return { validationMs: validationMs < testMs ? validationMs : at(before - 1), testMs }
}

function countBelow(times: Float64Array, ms: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((times[middle] ?? 0) < ms) low = middle + 1
    else high = middle
  }
  return low
}

function firstAfter(times: Float64Array, ms: number): number {
  return times.find((time) => time > ms) ?? ms
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString().replace("T00:00:00.000Z", "")
}
