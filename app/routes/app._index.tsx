import type { LoaderFunctionArgs } from "@remix-run/node"
import { useLoaderData, useRevalidator } from "@remix-run/react"
import { BlockStack, InlineGrid, Page } from "@shopify/polaris"
import { useEffect } from "react"
import { HomeJourneyMap } from "../components/home-journey-map.tsx"
import { ImportList } from "../components/import-list.tsx"
import { LiveModel } from "../components/live-model.tsx"
import { PageError } from "../components/page-error.tsx"
import { ReadinessList } from "../components/readiness-list.tsx"
import { DecisionsToday, Fallbacks } from "../components/serving-today.tsx"
import { readJourneyPage } from "../journey/journey-page.server.ts"
import { authenticateAdmin } from "../shopify.server.ts"
import { readAdminHome } from "../surface/admin-home.server.ts"

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId, shopDomain } = await authenticateAdmin(request)
  const now = { asOf: new Date() }
  const [home, { map }] = await Promise.all([
    readAdminHome(shopId, now),
    readJourneyPage(shopId, new URLSearchParams(), now),
  ])
  return { shopDomain, home, map }
}

const WHILE_IMPORTING_MS = 3_000

export default function Home() {
  const { shopDomain, home, map } = useLoaderData<typeof loader>()
  useRefreshWhile(home.imports.some((one) => one.state === "running"))
  return (
    <Page title="Throughline" subtitle={shopDomain}>
      <BlockStack gap="400">
        <InlineGrid columns={{ xs: 1, md: 2 }} gap="400">
          <DecisionsToday today={home.today} />
          <Fallbacks fallbacks={home.fallbacks} />
        </InlineGrid>
        <HomeJourneyMap map={map} />
        <InlineGrid columns={{ xs: 1, md: 2 }} gap="400" alignItems="start">
          <LiveModel model={home.model} />
          <BlockStack gap="400">
            <ReadinessList checks={home.readiness} />
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
    }, WHILE_IMPORTING_MS)
    return () => clearInterval(timer)
  }, [following, revalidate])
}
