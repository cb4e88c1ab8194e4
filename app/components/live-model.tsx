import { Badge, BlockStack, Card, DataTable, InlineStack, Text } from "@shopify/polaris"
import type { LiveModelCard } from "../surface/admin-home.ts"
import { baselineName, formatCount, formatDay, formatMinute, metricMeaning, metricName } from "./wording.ts"

/** The model that serves, and how it did beside its baselines on events that it had not seen. */
export function LiveModel({ model }: { model: LiveModelCard | null }) {
  return (
    <Card>
      <BlockStack gap="400">
        <InlineStack gap="200" align="space-between" blockAlign="center">
          <Text as="h2" variant="headingMd">
            Behaviour model
          </Text>
          {model ? <Badge tone="success">Live</Badge> : <Badge>None yet</Badge>}
        </InlineStack>
        {model ? <Figures model={model} /> : <NoModel />}
      </BlockStack>
    </Card>
  )
}

function NoModel() {
  return (
    <Text as="p" tone="subdued">
      No model is live. Until one is, blocks show similar and popular products. “npm run train” trains one
      from the imported events and publishes it if it beats its baselines.
    </Text>
  )
}

/** Enough to judge by; the model's card has the rest. */
const SHOWN_METRICS = ["R@10", "NDCG@10"]

function Figures({ model }: { model: LiveModelCard }) {
  const shown = SHOWN_METRICS.flatMap((name) => model.metrics.find((metric) => metric.name === name) ?? [])
  const metrics = shown.length > 0 ? shown : model.metrics.slice(0, SHOWN_METRICS.length)
  const baselines = (metrics[0]?.baselines ?? [])
    .toSorted((a, b) => b.value - a.value)
    .map(({ name }) => name)
  const meanings = metrics
    .flatMap(({ name }) => (metricMeaning[name] ? `${metricName(name)}: ${metricMeaning[name]}` : []))
    .join("; ")
  return (
    <>
      <BlockStack gap="100">
        <Text as="p">
          Version {model.version}, published {formatMinute(model.publishedAtMs)}.
        </Text>
        {model.training && (
          <Text as="p" tone="subdued">
            Learned from{" "}
            {model.training.events === null ? "events" : `${formatCount(model.training.events)} events`}{" "}
            between {formatDay(model.training.fromMs)} and {formatDay(model.training.toMs)}.
          </Text>
        )}
      </BlockStack>
      {metrics.length > 0 && (
        <BlockStack gap="200">
          <DataTable
            columnContentTypes={["text", ...metrics.map(() => "numeric" as const)]}
            headings={["Ranked by", ...metrics.map(({ name }) => metricName(name))]}
            rows={[
              ["The model", ...metrics.map((metric) => metric.model.toFixed(3))],
              ...baselines.map((baseline) => [
                baselineName(baseline),
                ...metrics.map(
                  (metric) => metric.baselines.find(({ name }) => name === baseline)?.value.toFixed(3) ?? "–",
                ),
              ]),
            ]}
          />
          <Text as="p" tone="subdued">
            Higher is better. {meanings && `${meanings}. `}All were measured on events later than the ones
            they learned from.
          </Text>
        </BlockStack>
      )}
    </>
  )
}
