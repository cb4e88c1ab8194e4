/**
 * Reads a time: epoch milliseconds, or ISO 8601 (date, or date and time to the minute or finer, with `T` or a space,
 * `Z`, an offset, or nothing). Without an offset it is UTC: an import must give the same events on every machine.
 * Written by hand because Date.parse reads a time without an offset as local, accepts 31 February, and is the
 * slowest step of an import.
 */

const DAY_MS = 86_400_000
const ZERO = 48

/** Epoch milliseconds, or NaN where the value is no time. */
export function parseTimestamp(value: unknown): number {
  if (typeof value === "string") return parseText(value)
  if (typeof value === "number") return Number.isFinite(value) ? Math.floor(value) : Number.NaN
  if (typeof value === "bigint") return Number(value)
  if (value instanceof Date) return value.getTime()
  return Number.NaN
}

function parseText(text: string): number {
  const length = text.length
  if (length < 10 || text.charCodeAt(4) !== 45) return /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  const day = dayNumber(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10))
  if (text.charCodeAt(7) !== 45 || Number.isNaN(day)) return Number.NaN
  if (length === 10) return day * DAY_MS
  const separator = text.charCodeAt(10)
  if ((separator !== 84 && separator !== 116 && separator !== 32) || text.charCodeAt(13) !== 58)
    return Number.NaN
  const hours = digits(text, 11, 13)
  const minutes = digits(text, 14, 16)
  let at = 16
  let seconds = 0
  let ms = 0
  if (text.charCodeAt(at) === 58) {
    seconds = digits(text, 17, 19)
    at = 19
    const mark = text.charCodeAt(at)
    if (mark === 46 || mark === 44) {
      let end = at + 1
      while (isDigit(text.charCodeAt(end))) end++
      if (end === at + 1) return Number.NaN
      for (let place = 1, weight = 100; place <= 3 && at + place < end; place++, weight /= 10)
        ms += (text.charCodeAt(at + place) - ZERO) * weight
      at = end
    }
  }
  // 60 is a leap second; it is counted as the second that follows, as POSIX time does.
  if (!(hours <= 23 && minutes <= 59 && seconds <= 60)) return Number.NaN
  const offset = offsetMinutes(text, at)
  return day * DAY_MS + ((hours * 60 + minutes - offset) * 60 + seconds) * 1000 + ms
}

function offsetMinutes(text: string, at: number): number {
  const rest = text.length - at
  if (rest === 0) return 0
  const sign = text.charCodeAt(at)
  if (rest === 1) return sign === 90 || sign === 122 ? 0 : Number.NaN
  if (sign !== 43 && sign !== 45) return Number.NaN
  const colon = text.charCodeAt(at + 3) === 58 ? 1 : 0
  if (rest !== 3 && rest !== 5 + colon) return Number.NaN
  const hours = digits(text, at + 1, at + 3)
  const minutes = rest === 3 ? 0 : digits(text, at + 3 + colon, at + 5 + colon)
  if (!(hours <= 15 && minutes <= 59)) return Number.NaN
  return (sign === 45 ? -1 : 1) * (hours * 60 + minutes)
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= 57
}

function digits(text: string, from: number, to: number): number {
  let value = 0
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    if (!isDigit(code)) return Number.NaN
    value = value * 10 + code - ZERO
  }
  return value
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Days since 1970-01-01 in the proleptic Gregorian calendar (H. Hinnant, "days_from_civil"); NaN for no such day. */
function dayNumber(year: number, month: number, day: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const last = month === 2 && leap ? 29 : (MONTH_DAYS[month - 1] ?? 0)
  if (!(day >= 1 && day <= last)) return Number.NaN
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}
