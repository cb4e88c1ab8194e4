/**
 * The body of a webhook. Ids past 2^53 would lose their last digits as numbers, so a whole number that is not safe
 * comes out as its own text.
 */
export function parseWebhookJson(text: string): Record<string, unknown> | null {
  let parsed: unknown
  try {
    parsed = JSON.parse(text, keepDigits)
  } catch {
    // Bad input is data: the delivery is dropped with that reason.
    return null
  }
  return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)
    ? Object.fromEntries(Object.entries(parsed))
    : null
}

/** `source` is the number's own text (the proposal "JSON.parse source text access", in Node since 21). */
function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source
  return typeof value === "number" && !Number.isSafeInteger(value) && source && /^\d{1,24}$/.test(source)
    ? source
    : value
}
