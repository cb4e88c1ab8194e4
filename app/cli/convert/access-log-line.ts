/** One line of a web server's log in Combined Log Format, as Apache and Nginx write it. */
export type LoggedRequest = {
  address: string
  atMs: number
  method: string
  /** Decoded, without parameters. */
  path: string
  /** As it stands after the question mark. */
  parameters: string
  status: number
  /** "" where there is none. */
  referrer: string
  userAgent: string
}

// address identity user [time] "request" status bytes "referrer" "user agent". A bracket is barred from the time, and
// each quoted part matches in one way only, so a hostile line costs no more than its length.
const LINE =
  /^(\S+) \S+ [^[]*\[([^[\]]{20,40})\] "((?:[^"\\]|\\.)*)" (\d{3}) (?:\d+|-) "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"/
const TIME = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})$/
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

export function parseLogLine(
  text: string,
): LoggedRequest | "not_combined_format" | "bad_time" | "no_request" | "bad_address" {
  const found = LINE.exec(text)
  if (!found) return "not_combined_format"
  const [, address = "", time = "", request = "", status = "", referrer = "", userAgent = ""] = found
  const atMs = logTimeMs(time)
  if (Number.isNaN(atMs)) return "bad_time"
  const [method = "", target = ""] = request.split(" ")
  if (!/^[A-Z]+$/.test(method) || target === "") return "no_request"
  const url = splitUrl(target)
  if (!url) return "bad_address"
  return {
    address,
    atMs,
    method,
    ...url,
    status: Number(status),
    referrer: referrer === "-" ? "" : referrer,
    userAgent: userAgent === "-" ? "" : userAgent,
  }
}

/** Path and parameters of a request's target or of a whole address; null where its escapes are broken. */
export function splitUrl(target: string): { path: string; parameters: string } | null {
  const [, path = "", parameters = ""] = /^(?:https?:\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?/i.exec(target) ?? []
  try {
    return { path: decodeURIComponent(path) || "/", parameters }
  } catch {
    return null
  }
}

function logTimeMs(time: string): number {
  const found = TIME.exec(time)
  if (!found) return Number.NaN
  const [, day, monthName = "", year, hours, minutes, seconds, sign, offsetHours, offsetMinutes] = found
  const month = MONTHS.indexOf(monthName)
  if (month < 0 || Number(day) < 1 || Number(day) > 31 || Number(hours) > 23) return Number.NaN
  const local = Date.UTC(Number(year), month, Number(day), Number(hours), Number(minutes), Number(seconds))
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000
  return sign === "-" ? local + offset : local - offset
}
