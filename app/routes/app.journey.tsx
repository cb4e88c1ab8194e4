import type { LoaderFunctionArgs } from "@remix-run/node"
import { useLoaderData } from "@remix-run/react"
import { BlockStack, Card, EmptyState, Page, Text } from "@shopify/polaris"
import { JourneyMapDrawing } from "../components/journey-map.tsx"
import { JourneyMapControls } from "../components/journey-map-controls.tsx"
import { JourneyMapPaths } from "../components/journey-map-paths.tsx"
import { JourneyMapTables } from "../components/journey-map-table.tsx"
import { PageError } from "../components/page-error.tsx"
import { AppError } from "../errors.ts"
import { readJourneyPage } from "../journey/journey-page.server.ts"
import { formatCount, formatPeriod } from "../journey/map-wording.ts"
import { authenticateAdmin } from "../shopify.server.ts"

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request)
  try {
    return await readJourneyPage(shopId, new URL(request.url).searchParams, { asOf: new Date() })
  } catch (error) {
    if (error instanceof AppError && error.code === "bad_request")
      throw new Response(error.message, { status: error.status, statusText: "Bad request" })
    throw error
  }
}

export default function Journey() {
  const { map, days, channels } = useLoaderData<typeof loader>()
  if (days === null)
    return (
      <Page title="Journey map">
        <Card>
          <EmptyState heading="No visits yet" image="">
            <p>The map draws itself from the first visits. Import events, or wait for the storefront.</p>
          </EmptyState>
        </Card>
      </Page>
    )
  const subtitle = `${formatPeriod(map.from, map.to)} · ${formatCount(map.visits)} visits of ${formatCount(map.people)} people`
  return (
    <Page title="Journey map" subtitle={subtitle} fullWidth>
      <BlockStack gap="400">
        <Card>
          <JourneyMapControls map={map} days={days} channels={channels} />
        </Card>
        {map.visits === 0 ? (
          <Card>
            <Text as="p">
              No visit of this period passes these steps. Take a longer period or another step.
            </Text>
          </Card>
        ) : (
          <>
            <Card>
              {/* On a phone the drawing keeps a size at which it can be read, and scrolls. */}
              <section aria-label="Journey map" style={{ overflowX: "auto" }}>
                <div style={{ minWidth: 860 }}>
                  <JourneyMapDrawing map={map} />
                </div>
              </section>
              <JourneyMapTables map={map} />
            </Card>
            <Card>
              <BlockStack gap="200">
                <Text as="h2" variant="headingMd">
                  Most common paths
                </Text>
                <JourneyMapPaths map={map} />
              </BlockStack>
            </Card>
          </>
        )}
      </BlockStack>
    </Page>
  )
}

export function ErrorBoundary() {
  return <PageError title="Journey map" />
}
