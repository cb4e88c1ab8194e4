export const DAY_MS = 86_400_000

/** Day of a moment, YYYY-MM-DD, in UTC. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

/** `date` as YYYY-MM-DD. */
export function addDays(date: string, days: number): string {
  return dayOf(Date.parse(date) + days * DAY_MS)
}
