/** Fault 6: two shops happen to send deliveries of one id. */
import { checkOrders, untilWorkedOff } from "./check-orders.ts"
import { type Fault, newOutcome } from "./fault.ts"
import { newLedger, tell } from "./ledger.ts"
import { orderWebhook } from "./order-webhook.ts"

const GIVE_UP_MS = 60_000

export const sameId: Fault = {
  number: 6,
  name: "one webhook id from two shops",
  invariant: "both applied",
  counts: { small: 50, long: 5_000 },
  run: async (bed, { count, random }) => {
    const outcome = newOutcome(6, "one webhook id from two shops", "ids")
    const web = await bed.startWeb()
    await bed.startWorker()
    const shops = [await bed.newShop("same-id-a"), await bed.newShop("same-id-b")]
    const ledgers = shops.map(newLedger)
    for (; outcome.trials < count; outcome.trials++) {
      const webhookId = `same-${outcome.trials}`
      const told = shops.map((shop, index) => {
        // Numbers of orders are the shops' own: these differ.
        const { orderId, body } = orderWebhook(outcome.trials * 2 + index, random, Date.now())
        const message = { url: web.url, secret: bed.secret, shop: shop.domain, topic: "orders/create", body }
        const ledger = ledgers[index] ?? newLedger()
        return tell(ledger, { ...message, webhookId, orderId, triggeredAtMs: Date.now() })
      })
      if ((await Promise.all(told)).includes(false)) outcome.wrong.push(`delivery ${webhookId} was refused`)
    }
    for (const [index, { shopId }] of shops.entries()) {
      if (!(await untilWorkedOff(bed, shopId, GIVE_UP_MS))) outcome.wrong.push("the inbox was never empty")
      const checked = await checkOrders(bed, shopId, ledgers[index] ?? newLedger())
      outcome.lost += checked.lost
      outcome.doubled += checked.doubled
      outcome.leaked += checked.wrong.length
    }
    return [outcome]
  },
}
