import { BlockStack, Card, InlineStack, Link, Text } from "@shopify/polaris"
import type { JourneyMap } from "../journey/build-map.ts"
import { formatPeriod } from "../journey/map-wording.ts"
import { JourneyMapDrawing } from "./journey-map.tsx"

/** The journey map of the latest period, on the way to its own page. */
export function HomeJourneyMap({ map }: { map: JourneyMap }) {
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack gap="200" align="space-between" blockAlign="center">
          <Text as="h2" variant="headingMd">
            Journey map
          </Text>
          <Link url="/app/journey">Open the journey map</Link>
        </InlineStack>
        {map.visits === 0 ? (
          <Text as="p" tone="subdued">
            The map draws itself from the first visits. Import events, or wait for the storefront.
          </Text>
        ) : (
          <>
            <Text as="p" tone="subdued">
              {formatPeriod(map.from, map.to)}
            </Text>
            {/* On a phone the drawing keeps a size at which it can be read, and scrolls. */}
            <section aria-label="Journey map" style={{ overflowX: "auto" }}>
              <div style={{ minWidth: 680 }}>
                <JourneyMapDrawing map={map} />
              </div>
            </section>
          </>
        )}
      </BlockStack>
    </Card>
  )
}
