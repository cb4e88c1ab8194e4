import { BlockStack, Card, InlineStack, ProgressBar, Text } from "@shopify/polaris"
import type { DayOfDecisions, FallbackCount } from "../surface/admin-home.ts"
import { fallbackReason, formatCount, formatShare, plural, servedByName } from "./wording.ts"

/** Slates decided today, by who answered. */
export function DecisionsToday({ today }: { today: DayOfDecisions }) {
  const shown = today.total - today.withheld
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Recommendations today
        </Text>
        <Text as="p" variant="heading2xl">
          {formatCount(shown)}
        </Text>
        {shown === 0 && (
          <Text as="p" tone="subdued">
            No shopper has been shown recommendations since midnight UTC.
          </Text>
        )}
        {today.servedBy.map(({ name, count }) => (
          <BlockStack key={name} gap="100">
            <InlineStack align="space-between">
              <Text as="span" id={`served-${name}`}>
                {servedByName(name)}
              </Text>
              <Text as="span">
                {formatCount(count)} ({formatShare(count, shown)})
              </Text>
            </InlineStack>
            <ProgressBar
              progress={(count / shown) * 100}
              size="small"
              tone={name === "model" ? "success" : "primary"}
              ariaLabelledBy={`served-${name}`}
              animated={false}
            />
          </BlockStack>
        ))}
        {today.withheld > 0 && (
          <Text as="p" tone="subdued">
            {plural(today.withheld, "visit")} in the holdout saw the shop without recommendations.
          </Text>
        )}
      </BlockStack>
    </Card>
  )
}

/** Answers that the model did not give, and why. */
export function Fallbacks({ fallbacks }: { fallbacks: FallbackCount[] }) {
  const today = fallbacks.reduce((sum, one) => sum + one.today, 0)
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Fallbacks today
        </Text>
        <Text as="p" variant="heading2xl">
          {formatCount(today)}
        </Text>
        {fallbacks.length === 0 ? (
          <Text as="p" tone="subdued">
            None in the last seven days. When the model cannot answer, similar or popular products are shown
            and counted here.
          </Text>
        ) : (
          <BlockStack gap="100">
            {fallbacks.map(({ reason, today: count, lastWeek }) => (
              <InlineStack key={reason} align="space-between" gap="200">
                <Text as="span">{fallbackReason(reason)}</Text>
                <Text as="span">
                  {formatCount(count)} today, {formatCount(lastWeek)} in seven days
                </Text>
              </InlineStack>
            ))}
          </BlockStack>
        )}
      </BlockStack>
    </Card>
  )
}
