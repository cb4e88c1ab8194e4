import { Badge, Banner, BlockStack, Card, InlineStack, List, Spinner, Text } from "@shopify/polaris"
import type { ImportState } from "../surface/admin-home.ts"
import { asideReason, formatMinute, plural } from "./wording.ts"

/** The latest imports: what was read, what was new, and what was set aside and why. */
export function ImportList({ imports }: { imports: ImportState[] }) {
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          Imports
        </Text>
        {imports.length === 0 ? (
          <Text as="p" tone="subdued">
            No file has been imported yet. Import an event file and an items file with “npm run import”, and
            they appear here.
          </Text>
        ) : (
          imports.map((one) => <ImportRow key={one.importId} run={one} />)
        )}
      </BlockStack>
    </Card>
  )
}

function ImportRow({ run }: { run: ImportState }) {
  return (
    <BlockStack gap="200">
      <InlineStack gap="200" align="space-between" blockAlign="center">
        <InlineStack gap="200" blockAlign="center">
          <Text as="h3" variant="headingSm">
            {run.kind === "events" ? "Events" : "Products"}
          </Text>
          <StateBadge state={run.state} />
          {run.state === "running" && <Spinner size="small" accessibilityLabel="The import is at work" />}
        </InlineStack>
        <Text as="span" tone="subdued">
          {formatMinute(run.finishedAtMs ?? run.startedAtMs)}
        </Text>
      </InlineStack>
      <Text as="p">
        {plural(run.rowsRead, "row")} read{run.state === "running" ? " so far" : ""},{" "}
        {plural(run.rowsAdded, "new row")}, {plural(run.rowsKnown, "row")} known already.
      </Text>
      {run.state === "failed" && (
        <Banner tone="critical" title="This import stopped. Nothing of the file was kept.">
          {run.message && <p>{run.message}</p>}
        </Banner>
      )}
      {run.aside.length > 0 && (
        <BlockStack gap="100">
          <Text as="p" tone="subdued">
            Set aside, with line numbers in a file beside the original:
          </Text>
          <List gap="extraTight">
            {run.aside.map(({ reason, rows }) => (
              <List.Item key={reason}>
                {asideReason(reason)}: {plural(rows, "row")}
              </List.Item>
            ))}
          </List>
        </BlockStack>
      )}
    </BlockStack>
  )
}

function StateBadge({ state }: { state: ImportState["state"] }) {
  switch (state) {
    case "running":
      return (
        <Badge tone="info" progress="partiallyComplete">
          Running
        </Badge>
      )
    case "done":
      return (
        <Badge tone="success" progress="complete">
          Done
        </Badge>
      )
    case "failed":
      return (
        <Badge tone="critical" progress="incomplete">
          Stopped
        </Badge>
      )
    default: {
      const unknown: never = state
      return unknown
    }
  }
}
