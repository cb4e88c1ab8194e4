import type { PrivacyRequestKind } from "../shop/privacy-requests.server.ts"

export type RequestState = "pending" | "ready" | "done" | "nothing_held" | "refused"

export type RequestRow = {
  requestId: string
  kind: PrivacyRequestKind
  state: RequestState
  reason: string | null
  receivedAtMs: number
  dueAtMs: number
  doneAtMs: number | null
  /** There is a file to download. */
  file: boolean
  /** Not settled, and its time is up. */
  overdue: boolean
}

export type AccessRow = { accessId: string; atMs: number; actor: string; action: string }

/** From here on a count says "or more". */
export const MOST_COUNTED = 100_000

/** What is held, by kind: counts of this shop, up to `MOST_COUNTED`. */
export type HeldCounts = {
  people: number
  anonymous: number
  events: number
  orders: number
  consents: number
  decisions: number
}

export type PrivacyPage = {
  requests: RequestRow[]
  accesses: AccessRow[]
  held: HeldCounts
  /** The shop's training rows may go into models that several shops share. */
  sharesTraining: boolean
  /** What is kept and for how long, in words. */
  retention: { what: string; howLong: string }[]
}
