/**
 * Shops by domain, for the doors that are asked most. What is known is kept for a second: so a shop that was just
 * uninstalled is turned away at once by the process that took the message in, and a second later by every other.
 */
import { findShop } from "../db.server.ts"

export type KnownShop = { shopId: number; installed: boolean }

const KEEP_MS = 1_000
const MAX_KEPT = 10_000

const kept = new Map<string, KnownShop & { untilMs: number }>()

/** @param domain from a verified signature */
export async function knownShop(domain: string, nowMs: number): Promise<KnownShop | null> {
  const known = kept.get(domain)
  if (known && known.untilMs > nowMs) return known
  const found = await findShop(domain)
  if (kept.size >= MAX_KEPT) kept.clear()
  if (found) kept.set(domain, { ...found, untilMs: nowMs + KEEP_MS })
  else kept.delete(domain)
  return found
}

export function forgetShop(domain: string): void {
  kept.delete(domain)
}
