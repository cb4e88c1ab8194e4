import { useFetcher } from "@remix-run/react"
import { Banner, BlockStack, Button, InlineStack, List, Spinner, Text } from "@shopify/polaris"
import { type Comparison, historyRuns, type ShopHistory } from "../surface/shop-history.ts"
import { comparedText, countedText } from "./history-wording.ts"
import { formatMinute } from "./wording.ts"

/** Whether what is held agrees with the shop, what was mended, and a button to look again. */
export function ShopComparison({ history }: { history: ShopHistory }) {
  const { comparison } = history
  const fetcher = useFetcher()
  const reading = historyRuns(history)
  const busy = comparison.state === "asked" || comparison.state === "running"
  return (
    <BlockStack gap="300">
      <InlineStack gap="200" align="space-between" blockAlign="center">
        <InlineStack gap="200" blockAlign="center">
          <Text as="h3" variant="headingSm">
            Compared with your shop
          </Text>
          {busy && !reading && <Spinner size="small" accessibilityLabel="The comparison is at work" />}
        </InlineStack>
        <fetcher.Form method="post" action="/app?index">
          <input type="hidden" name="intent" value="compare" />
          <Button submit disabled={reading || busy} loading={fetcher.state !== "idle"}>
            Compare now
          </Button>
        </fetcher.Form>
      </InlineStack>
      <div aria-live="polite">
        <Text as="p" tone="subdued">
          {standing(comparison, reading)}
        </Text>
      </div>
      {comparison.state === "failed" && (
        <Banner tone="critical" title="The comparison stopped">
          <p>{comparison.message ?? "What was compared by then is mended."}</p>
        </Banner>
      )}
      {comparison.last && (
        <BlockStack gap="100">
          <Text as="p">Compared on {formatMinute(comparison.last.finishedAtMs)}:</Text>
          <List gap="extraTight">
            {comparison.last.kinds.length === 0 && <List.Item>There was nothing to compare.</List.Item>}
            {comparison.last.kinds.map((kind) => (
              <List.Item key={kind.kind}>{comparedText(kind)}</List.Item>
            ))}
          </List>
        </BlockStack>
      )}
    </BlockStack>
  )
}

function standing({ state, soFar, nextAtMs, last }: Comparison, reading: boolean): string {
  if (reading) return "Begins when all of your shop’s history is read."
  const counted = soFar.length === 0 ? "" : ` So far: ${countedText(soFar)}.`
  switch (state) {
    case "asked":
      return "The comparison begins in a moment."
    case "running":
      return `Comparing now…${counted}`
    case "paused":
      return nextAtMs === null
        ? `The comparison was interrupted.${counted}`
        : `The comparison was interrupted and goes on at ${formatMinute(nextAtMs)}.${counted}`
    case "failed":
    case "idle":
      return last
        ? "Once a day everything is compared with your shop and mended; of orders, those that changed in the last 60 days."
        : "Not compared yet. It happens once a day by itself."
    default:
      return state satisfies never
  }
}
