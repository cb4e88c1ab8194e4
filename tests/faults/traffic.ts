import { setTimeout as wait } from "node:timers/promises"
import type { Random } from "../support/demo-shop/random.ts"
import type { BedShop } from "./bed.ts"
import { type Ledger, newLedger, tell } from "./ledger.ts"
import { orderWebhook } from "./order-webhook.ts"

export type Traffic = {
  ledger: Ledger
  /** Sends nothing new, and gives up what was not acknowledged yet. */
  stop(): Promise<void>
}

const RESEND_AFTER_MS = 300
/** One in five is sent twice, as Shopify does when an answer comes late. */
const DUPLICATES = 0.2

/** Orders that a shop tells the app of, one after another, some of them twice, each until it is acknowledged. */
export function startTraffic(
  shop: BedShop,
  options: { url: string; secret: string; perSecond: number; random: Random },
): Traffic {
  const { url, secret, perSecond, random } = options
  const ledger = newLedger()
  const stopping = new AbortController()
  const underWay = new Set<Promise<void>>()
  let number = 0

  async function sendUntilAcknowledged(): Promise<void> {
    const atMs = Date.now()
    const { orderId, body } = orderWebhook(++number, random, atMs)
    const again = random.chance(DUPLICATES)
    const webhookId = `order-${orderId}`
    const message = { url, secret, shop: shop.domain, topic: "orders/create", body, webhookId, orderId }
    while (!stopping.signal.aborted) {
      const acknowledged = await tell(ledger, { ...message, triggeredAtMs: atMs })
      if (acknowledged && again) await tell(ledger, { ...message, triggeredAtMs: atMs })
      if (acknowledged) return
      await wait(RESEND_AFTER_MS)
    }
  }

  async function sendOn(): Promise<void> {
    while (!stopping.signal.aborted) {
      const one: Promise<void> = sendUntilAcknowledged().finally(() => underWay.delete(one))
      underWay.add(one)
      await wait(1_000 / perSecond)
    }
  }

  const sending = sendOn()
  return {
    ledger,
    stop: async () => {
      stopping.abort()
      await sending
      await Promise.all(underWay)
    },
  }
}
