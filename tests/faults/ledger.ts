import { webhookHeaders } from "../support/shop/sign-webhook.ts"

export type LedgerEntry = { orderId: string; acknowledgedMs: number }

/**
 * The client's side of the story: what it sent and what was acknowledged, kept in the runner, which nobody kills.
 * A message is sent again under the same id until it is acknowledged, as Shopify does.
 */
export type Ledger = {
  sent: Set<string>
  /** By webhook id. */
  acknowledged: Map<string, LedgerEntry>
  /** Answers that were no acknowledgement, by status; `none` where the connection broke. */
  refusals: Map<string, number>
}

export function newLedger(): Ledger {
  return { sent: new Set(), acknowledged: new Map(), refusals: new Map() }
}

export type Message = {
  url: string
  shop: string
  secret: string
  topic: string
  body: string
  webhookId: string
  orderId: string
  triggeredAtMs: number
}

const ACCEPTED = JSON.stringify({ accepted: true })

/** One attempt. @returns whether it was acknowledged */
export async function tell(ledger: Ledger, message: Message): Promise<boolean> {
  const { url, webhookId, orderId, triggeredAtMs, ...webhook } = message
  ledger.sent.add(orderId)
  const triggeredAt = new Date(triggeredAtMs).toISOString()
  const answer = await fetch(`${url}/webhooks`, {
    method: "POST",
    headers: webhookHeaders({ ...webhook, webhookId, triggeredAt }),
    body: webhook.body,
    signal: AbortSignal.timeout(5_000),
  }).then(
    async (response) => ((await response.text()) === ACCEPTED ? "acknowledged" : String(response.status)),
    () => "none",
  )
  if (answer === "acknowledged") {
    ledger.acknowledged.set(webhookId, { orderId, acknowledgedMs: Date.now() })
    return true
  }
  ledger.refusals.set(answer, (ledger.refusals.get(answer) ?? 0) + 1)
  return false
}

/** What it holds, for a reader. */
export function told({ acknowledged, refusals }: Ledger): string {
  const refused = [...refusals].map(([status, count]) => `${count} × ${status}`)
  return [`${acknowledged.size} orders acknowledged`, ...refused].join(", ")
}
