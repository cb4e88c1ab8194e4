import type { ActionFunctionArgs } from "@remix-run/node"
import { acceptDelivery, MAX_BODY_BYTES } from "../capture/inbox.server.ts"
import { AppError } from "../errors.ts"
import { hintInbox } from "../jobs/hint-inbox.server.ts"
import { log } from "../log.server.ts"
import { countWebhook, type WebhookOutcome } from "../metrics.server.ts"
import { applyAppLife } from "../shop/app-life.server.ts"
import { forgetShop, knownShop } from "../shop/known-shops.server.ts"
import type { WebhookHead } from "../shop/webhook-signature.ts"
import { type KnownTopic, knownTopic } from "../shop/webhook-topics.ts"
import { verifyWebhookRequest } from "../shopify.server.ts"
import { readBody } from "../surface/read-body.ts"

/**
 * POST /webhooks: verify, commit to the inbox, answer. No token is looked at. Shopify tries again for hours after any
 * answer but 2xx, so what is genuine and not for us is answered well, and not kept.
 */
export async function action({ request }: ActionFunctionArgs): Promise<Response> {
  if (request.method !== "POST") return new Response(null, { status: 405, headers: { Allow: "POST" } })
  try {
    const body = await readBody(request, MAX_BODY_BYTES.webhook)
    const outcome = await takeWebhook(verifyWebhookRequest(request.headers, body), body)
    countWebhook(outcome)
    return answer(200, { accepted: outcome === "accepted" || outcome === "duplicate" })
  } catch (error) {
    if (error instanceof AppError && error.status < 500) {
      countWebhook("refused")
      return answer(error.status, { error: error.code, message: error.message })
    }
    countWebhook("failed")
    const { name, code } = error as NodeJS.ErrnoException
    log.error({ error: name, code }, "a webhook could not be taken in: Shopify sends it again")
    return answer(503, {
      error: "unavailable",
      message: "Expected to take this in, but could not. Send it again.",
    })
  }
}

function answer(status: number, body: object): Response {
  return Response.json(body, { status, headers: { "Cache-Control": "no-store" } })
}

async function takeWebhook(head: WebhookHead, body: Buffer): Promise<WebhookOutcome> {
  const known = knownTopic(head.topic)
  if (!known) return "unknown_topic"
  const shop = await knownShop(head.shopDomain, Date.now())
  if (!shop) return "unknown_shop"
  // Of a shop that the app has left, only people's rights are still our business.
  if (!shop.installed && known.kind !== "privacy") return "left_shop"
  const { duplicate } = await acceptDelivery(
    shop.shopId,
    {
      door: "webhook",
      topic: head.topic,
      externalId: head.webhookId,
      triggeredAt: head.triggeredAt,
      apiVersion: head.apiVersion,
      body,
    },
    atOnce(known, shop.shopId, head, body),
  )
  if (known.kind === "app_life") forgetShop(head.shopDomain)
  if (duplicate) return "duplicate"
  hintInbox(shop.shopId)
  return "accepted"
}

/** After an uninstall nothing may go on for the seconds until its delivery is worked off: one short statement. */
function atOnce({ kind, topic }: KnownTopic, shopId: number, { triggeredAt }: WebhookHead, body: Buffer) {
  if (kind !== "app_life" || topic !== "app/uninstalled") return undefined
  return async (client: Parameters<typeof applyAppLife>[0]) => {
    const receivedAt = new Date()
    await applyAppLife(client, shopId, { topic, body: body.toString("utf8"), triggeredAt, receivedAt })
  }
}
