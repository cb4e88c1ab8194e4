import type { ActionFunctionArgs } from "@remix-run/node"
import type pg from "pg"
import { findShopper, resolveNames } from "../capture/shopper-names.server.ts"
import { withShopSql } from "../db.server.ts"
import { setCaptureConsent } from "../shop/consent.server.ts"
import { type ShopKeys, shopKeys } from "../shop/keys.server.ts"
import { MAX_CONSENT_BYTES, parseConsentWord } from "../surface/consent-word.ts"
import { admitProxyRequest, admitVisitor, type ProxyVisit } from "../surface/proxy-guard.server.ts"
import { answerProxy, proxyJson } from "../surface/proxy-response.server.ts"
import { readBody } from "../surface/read-body.ts"

/** POST /proxy/consent: a visitor takes their consent to be captured back, or gives it again. It holds at once. */
export async function action({ request }: ActionFunctionArgs): Promise<Response> {
  return answerProxy(async () => {
    const visit = await admitProxyRequest(request)
    const { browser, granted } = parseConsentWord(
      (await readBody(request, MAX_CONSENT_BYTES)).toString("utf8"),
    )
    admitVisitor(visit, browser)
    const keys = await shopKeys(visit.shopId)
    const recorded = await withShopSql(visit.shopId, async (client) => {
      if (!granted) await nameBrowserOf(client, visit, keys, browser)
      const word = { granted, versionMs: Date.now() }
      return setCaptureConsent(client, visit.shopId, keys, browser, word)
    })
    return proxyJson(202, { recorded })
  })
}

/**
 * A customer who was always logged in is known by that name alone. For their no to hold, the browser that said it gets
 * a name too; of a stranger's browser nothing is held, and nothing is.
 */
async function nameBrowserOf(
  client: pg.PoolClient,
  { shopId, customer }: ProxyVisit,
  keys: ShopKeys,
  browser: string,
): Promise<void> {
  if (customer === null || (await findShopper(client, shopId, keys, "customer", customer)) === null) return
  await resolveNames(client, shopId, keys, "browser", [browser])
}
