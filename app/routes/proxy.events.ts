import type { ActionFunctionArgs } from "@remix-run/node"
import { acceptDelivery } from "../capture/inbox.server.ts"
import { processDelivery } from "../capture/work-inbox.server.ts"
import { recordExposures } from "../decision/record-exposures.server.ts"
import { AppError } from "../errors.ts"
import { log } from "../log.server.ts"
import { mayCapture } from "../shop/consent.server.ts"
import { shopKeys } from "../shop/keys.server.ts"
import { inboxBody } from "../surface/block-delivery.ts"
import { type BlockDelivery, MAX_BODY_BYTES, parseBlockDelivery } from "../surface/block-events.ts"
import {
  admitProxyRequest,
  admitVisitor,
  type ProxyVisit,
  visitIdentities,
} from "../surface/proxy-guard.server.ts"
import { answerProxy, proxyJson } from "../surface/proxy-response.server.ts"
import { readBody } from "../surface/read-body.ts"

/** POST /proxy/events: what a visitor who consented did on a page. */
export async function action({ request }: ActionFunctionArgs): Promise<Response> {
  return answerProxy(async () => {
    const visit = await admitProxyRequest(request)
    const given = parseBlockDelivery((await readBody(request, MAX_BODY_BYTES)).toString("utf8"), Date.now())
    admitVisitor(visit, given.browser)
    if (visit.bot) return proxyJson(202, { accepted: 0 })
    await refuseWithoutConsent(visit, given.browser)
    if (given.events.length > 0) await takeEvents(visit, given)
    await recordExposures(
      visit.shopId,
      given.exposures.flatMap(({ items, ...exposure }) => items.map((item) => ({ ...exposure, item }))),
    )
    return proxyJson(202, { accepted: given.events.length })
  })
}

/** Whoever took their consent back is not captured, whatever an old page still sends. */
async function refuseWithoutConsent(visit: ProxyVisit, browser: string): Promise<void> {
  const keys = await shopKeys(visit.shopId)
  if (!(await mayCapture(visit.shopId, keys, browser)))
    throw new AppError(
      "no_consent",
      "Expected a visitor who consents. Send nothing until consent is given again.",
    )
}

/** Durable before the answer; processed at once, so that the next page's slate knows of it. */
async function takeEvents(visit: ProxyVisit, given: BlockDelivery): Promise<void> {
  const [shopper] = visitIdentities(visit, given.browser)
  if (shopper === undefined) return
  const { deliveryId, duplicate } = await acceptDelivery(visit.shopId, {
    door: "block",
    topic: "events",
    externalId: given.deliveryId,
    triggeredAt: null,
    body: inboxBody(shopper, given),
  })
  if (duplicate) return
  try {
    await processDelivery(visit.shopId, deliveryId)
  } catch (error) {
    // It is in the inbox: the worker tries again.
    log.warn({ error: (error as Error).name }, "a delivery waits for the worker")
  }
}
