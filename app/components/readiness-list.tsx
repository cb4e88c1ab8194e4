import { Badge, BlockStack, Card, InlineStack, Text } from "@shopify/polaris"
import type { ReadinessCheck } from "../surface/admin-home.ts"
import { formatCount, readinessText } from "./wording.ts"

/** Whether the shop has enough data for its figures to mean something. */
export function ReadinessList({ checks }: { checks: ReadinessCheck[] }) {
  const met = checks.filter((check) => check.have >= check.need).length
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Enough data?
        </Text>
        <Text as="p" tone="subdued">
          {met === checks.length
            ? "Yes: there is enough for every part of Throughline."
            : `${met} of ${checks.length} minimums are met. Below a minimum, figures are shown but vary by chance.`}
        </Text>
        <BlockStack gap="200" as="ul">
          {checks.map((check) => (
            <ReadinessRow key={check.name} check={check} />
          ))}
        </BlockStack>
      </BlockStack>
    </Card>
  )
}

function ReadinessRow({ check }: { check: ReadinessCheck }) {
  const met = check.have >= check.need
  const { label, short } = readinessText[check.name]
  return (
    <li style={{ listStyle: "none" }}>
      <InlineStack gap="200" align="space-between" blockAlign="center">
        <Text as="span">{label}</Text>
        <Badge tone={met ? "success" : undefined}>
          {met && check.capped ? "Reached" : `${formatCount(check.have)} ${short}`}
        </Badge>
      </InlineStack>
    </li>
  )
}
