/**
 * Token bucket: a key may spend `burst` at once and gains `perSecond` back. In memory and for one process, so a shop
 * with n web processes has n times the limit: it guards this process, not a quota. The oldest keys are forgotten
 * first, so a stream of made-up names cannot fill the memory; what they share (the shop's bucket) still holds.
 */
export type TokenBucket = { take(key: string, nowMs: number): boolean }

type Level = { tokens: number; atMs: number }

export function makeTokenBucket({
  perSecond,
  burst,
  maxKeys,
}: {
  perSecond: number
  burst: number
  maxKeys: number
}) {
  const levels = new Map<string, Level>()
  return {
    /** False when the key has spent all it has. */
    take(key: string, nowMs: number): boolean {
      const last = levels.get(key)
      const gained = last ? (Math.max(0, nowMs - last.atMs) / 1000) * perSecond : burst
      const tokens = Math.min(burst, (last?.tokens ?? 0) + gained)
      // Written anew, so that the map's order is the order of use.
      levels.delete(key)
      levels.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: nowMs })
      if (levels.size > maxKeys) {
        const [oldest] = levels.keys()
        if (oldest !== undefined) levels.delete(oldest)
      }
      return tokens >= 1
    },
  } satisfies TokenBucket
}
