import { BlockStack, Card, InlineStack, Text } from "@shopify/polaris"
import type { AccessRow } from "../surface/privacy-page.ts"
import { formatMinute } from "./wording.ts"

/** Who read personal data in the clear of late. */
export function AccessList({ accesses }: { accesses: AccessRow[] }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Who read personal data
        </Text>
        {accesses.length === 0 ? (
          <Text as="p" tone="subdued">
            Nobody has. Each time that personal data is opened is noted here.
          </Text>
        ) : (
          accesses.map(({ accessId, atMs, actor, action }) => (
            <InlineStack key={accessId} align="space-between" gap="200" wrap={false}>
              <Text as="span">
                {actorName(actor)} {actionName(action)}
              </Text>
              <Text as="span" tone="subdued">
                {formatMinute(atMs)}
              </Text>
            </InlineStack>
          ))
        )}
      </BlockStack>
    </Card>
  )
}

function actorName(actor: string): string {
  const [kind, id] = actor.split(":")
  return kind === "staff" ? `Staff member ${id}` : "The app"
}

function actionName(action: string): string {
  switch (action) {
    case "collect_data_request":
      return "put a person’s file together"
    case "read_data_request":
      return "downloaded a person’s file"
    default:
      return action.replaceAll("_", " ")
  }
}
