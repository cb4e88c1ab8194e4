import { useFetcher } from "@remix-run/react"
import {
  Badge,
  Banner,
  BlockStack,
  Button,
  Card,
  Divider,
  InlineStack,
  ProgressBar,
  Text,
} from "@shopify/polaris"
import { type HistoryPart, isAtWork, type ShopHistory as Told } from "../surface/shop-history.ts"
import { asideText, partName, partPercent, partsText, partText, spokenProgress } from "./history-wording.ts"
import { ShopComparison } from "./shop-comparison.tsx"
import { formatMinute } from "./wording.ts"

/** How far the shop's past is read, and whether what is held still agrees with the shop. */
export function ShopHistory({ history }: { history: Told }) {
  return (
    <Card>
      <BlockStack gap="400">
        <BlockStack gap="100">
          <Text as="h2" variant="headingMd">
            Your shop’s history
          </Text>
          <div>
            <Text as="p" tone="subdued">
              {partsText(history.parts)}
            </Text>
            <div aria-live="polite">
              <Text as="span" visuallyHidden>
                {spokenProgress(history.parts)}
              </Text>
            </div>
          </div>
        </BlockStack>
        <BlockStack gap="300">
          {history.parts.map((part) => (
            <Part key={part.kind} part={part} />
          ))}
        </BlockStack>
        <Divider />
        <ShopComparison history={history} />
      </BlockStack>
    </Card>
  )
}

function Part({ part }: { part: HistoryPart }) {
  const name = partName[part.kind]
  const nameId = `name-${part.kind}`
  const text = partText(part)
  const textId = `text-${part.kind}`
  return (
    <BlockStack gap="100">
      <InlineStack gap="200" blockAlign="center">
        <Text as="h3" variant="headingSm" id={nameId}>
          {name}
        </Text>
        <PartBadge state={part.state} />
      </InlineStack>
      {isAtWork(part) && (
        <ProgressBar
          size="small"
          tone="primary"
          progress={partPercent(part)}
          ariaLabelledBy={`${nameId} ${textId}`}
        />
      )}
      {text && (
        <InlineStack gap="200" align="space-between">
          <Text as="p" id={textId} tone={part.state === "reading" ? undefined : "subdued"}>
            {text}
          </Text>
          {part.finishedAtMs !== null && (
            <Text as="span" tone="subdued">
              {formatMinute(part.finishedAtMs)}
            </Text>
          )}
        </InlineStack>
      )}
      {part.state === "failed" ? (
        <Stopped part={part} />
      ) : (
        part.message !== null && (
          <Text as="p" tone="subdued">
            {part.message}
          </Text>
        )
      )}
      {part.rowsAside > 0 && (
        <Text as="p" tone="subdued">
          {asideText(part.rowsAside)}
        </Text>
      )}
    </BlockStack>
  )
}

function Stopped({ part }: { part: HistoryPart }) {
  const fetcher = useFetcher()
  return (
    <Banner tone="critical" title={`${partName[part.kind]}: reading stopped`}>
      <BlockStack gap="200">
        {part.message !== null && <p>{part.message}</p>}
        <fetcher.Form method="post" action="/app?index">
          <input type="hidden" name="intent" value="import_again" />
          <input type="hidden" name="kind" value={part.kind} />
          <Button
            submit
            loading={fetcher.state !== "idle"}
            accessibilityLabel={`Import again: ${partName[part.kind]}`}
          >
            Import again
          </Button>
        </fetcher.Form>
      </BlockStack>
    </Banner>
  )
}

function PartBadge({ state }: { state: HistoryPart["state"] }) {
  switch (state) {
    case "waiting":
      return <Badge>Waiting</Badge>
    case "asking":
    case "gathering":
    case "reading":
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
    default:
      return state satisfies never
  }
}
