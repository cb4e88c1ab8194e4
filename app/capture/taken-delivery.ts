import type { DropReason } from "./door-payload.ts"
import type { Door } from "./inbox.server.ts"

/** A delivery in hand, opened. */
export type TakenDelivery = {
  deliveryId: bigint
  door: Door
  topic: string
  externalId: string
  apiVersion: string | null
  triggeredAt: Date | null
  receivedAt: Date
  /** Null where it was destroyed with the key of its day. */
  body: string | null
}

/** What came of it. */
export type Applied = { outcome: "done"; added: number } | { outcome: "dropped"; reason: DropReason }
