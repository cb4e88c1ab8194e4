import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node"
import { useLoaderData, useRevalidator } from "@remix-run/react"
import { BlockStack, InlineGrid, Page } from "@shopify/polaris"
import { useEffect } from "react"
import { z } from "zod"
import { HomeJourneyMap } from "../components/home-journey-map.tsx"
import { ImportList } from "../components/import-list.tsx"
import { LiveModel } from "../components/live-model.tsx"
import { PageError } from "../components/page-error.tsx"
import { ReadinessList } from "../components/readiness-list.tsx"
import { DecisionsToday, Fallbacks } from "../components/serving-today.tsx"
import { ShopHistory } from "../components/shop-history.tsx"
import { withShopSql } from "../db.server.ts"
import { makeDue } from "../jobs/schedules.server.ts"
import { readJourneyPage } from "../journey/journey-page.server.ts"
import { HISTORY_KINDS, requestAgain } from "../shop/request-history.server.ts"
import { authenticateAdmin } from "../shopify.server.ts"
import { readAdminHome } from "../surface/admin-home.server.ts"
import { isAtWork, isMoving } from "../surface/shop-history.ts"

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId, shopDomain } = await authenticateAdmin(request)
  const now = { asOf: new Date() }
  const [home, { map }] = await Promise.all([
    readAdminHome(shopId, now),
    readJourneyPage(shopId, new URLSearchParams(), now),
  ])
  return { shopDomain, home, map }
}

const wish = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("compare") }),
  z.object({ intent: z.literal("import_again"), kind: z.enum(HISTORY_KINDS) }),
])

/** Has the shop compared, or a part of its history read again. What is at work already goes on as it is. */
export async function action({ request }: ActionFunctionArgs) {
  const { shopId } = await authenticateAdmin(request)
  const form = await request.formData().catch(() => new FormData())
  const wished = wish.safeParse(Object.fromEntries(form))
  if (!wished.success) return Response.json({ error: "bad_request" }, { status: 400 })
  const { data } = wished
  switch (data.intent) {
    case "compare":
      await makeDue(shopId, ["reconcile"])
      break
    case "import_again":
      await withShopSql(shopId, (client) => requestAgain(client, shopId, data.kind))
      await makeDue(shopId, ["import_history"])
      break
    default:
      return data satisfies never
  }
  return Response.json({ asked: true })
}

const WHILE_MOVING_MS = 2_000

export default function Home() {
  const { shopDomain, home, map } = useLoaderData<typeof loader>()
  const { history } = home
  useRefreshWhile(
    home.imports.some((one) => one.state === "running") || (history !== null && isMoving(history)),
  )
  // What a merchant waits for, or must do something about, comes first.
  const first = history?.parts.some((part) => isAtWork(part) || part.state === "failed") ?? false
  return (
    <Page title="Throughline" subtitle={shopDomain}>
      <BlockStack gap="400">
        {history && first && <ShopHistory history={history} />}
        <InlineGrid columns={{ xs: 1, md: 2 }} gap="400">
          <DecisionsToday today={home.today} />
          <Fallbacks fallbacks={home.fallbacks} />
        </InlineGrid>
        <HomeJourneyMap map={map} />
        <InlineGrid columns={{ xs: 1, md: 2 }} gap="400" alignItems="start">
          <LiveModel model={home.model} />
          <BlockStack gap="400">
            <ReadinessList checks={home.readiness} />
            {history && !first && <ShopHistory history={history} />}
            <ImportList imports={home.imports} />
          </BlockStack>
        </InlineGrid>
      </BlockStack>
    </Page>
  )
}

export function ErrorBoundary() {
  return <PageError title="Throughline" />
}

/** Reads the page's data again every few seconds, while there is something to follow and someone to see it. */
function useRefreshWhile(following: boolean): void {
  const { revalidate } = useRevalidator()
  useEffect(() => {
    if (!following) return
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") revalidate()
    }, WHILE_MOVING_MS)
    return () => clearInterval(timer)
  }, [following, revalidate])
}
