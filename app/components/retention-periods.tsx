import { BlockStack, Card, InlineStack, Text } from "@shopify/polaris"
import { type HeldCounts, MOST_COUNTED, type PrivacyPage } from "../surface/privacy-page.ts"
import { formatCount } from "./wording.ts"

const HELD: { name: keyof HeldCounts; label: string }[] = [
  { name: "people", label: "People known by name" },
  { name: "anonymous", label: "Browsers without a name" },
  { name: "events", label: "Things that shoppers did" },
  { name: "orders", label: "Orders" },
  { name: "consents", label: "Consents and withdrawals" },
  { name: "decisions", label: "Recommendations decided" },
]

/** How much is held, by kind. */
export function HeldData({ held }: { held: HeldCounts }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          What is held
        </Text>
        {HELD.map(({ name, label }) => (
          <InlineStack key={name} align="space-between" gap="200">
            <Text as="span">{label}</Text>
            <Text as="span">
              {formatCount(held[name])}
              {held[name] >= MOST_COUNTED && " or more"}
            </Text>
          </InlineStack>
        ))}
        <Text as="p" tone="subdued">
          Names, addresses and searches are sealed under a key of each person. Erasing a person destroys the
          key.
        </Text>
      </BlockStack>
    </Card>
  )
}

/** How long each kind is kept. */
export function RetentionPeriods({ retention }: { retention: PrivacyPage["retention"] }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          How long it is kept
        </Text>
        {retention.map(({ what, howLong }) => (
          <BlockStack key={what}>
            <Text as="p">{what}</Text>
            <Text as="p" tone="subdued">
              {howLong}
            </Text>
          </BlockStack>
        ))}
      </BlockStack>
    </Card>
  )
}
