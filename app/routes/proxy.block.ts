import type { LoaderFunctionArgs } from "@remix-run/node"
import { decideSlate } from "../decision/decide-slate.server.ts"
import { blockJson } from "../surface/block-json.ts"
import { parseBlockRequest } from "../surface/block-request.ts"
import { admitProxyRequest, admitVisitor, visitIdentities } from "../surface/proxy-guard.server.ts"
import { answerProxy, proxyJson } from "../surface/proxy-response.server.ts"

/** GET /proxy/block: the personal slate of a product page. */
export async function loader({ request }: LoaderFunctionArgs): Promise<Response> {
  return answerProxy(async () => {
    const visit = await admitProxyRequest(request)
    const { browser, item, count } = parseBlockRequest(new URL(request.url).searchParams)
    // A crawler sees the default slate, and no decision is made about it.
    if (visit.bot) return new Response(null, { status: 204 })
    if (browser !== null) admitVisitor(visit, browser)
    const decision = await decideSlate({
      shopId: visit.shopId,
      surface: "block",
      placement: "product",
      identities: visitIdentities(visit, browser),
      consent: browser !== null,
      contextItem: item,
      count,
      nowMs: Date.now(),
    })
    return proxyJson(200, blockJson(decision))
  })
}
