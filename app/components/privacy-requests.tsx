import { Badge, Banner, BlockStack, Button, Card, EmptyState, IndexTable, Text } from "@shopify/polaris"
import { useState } from "react"
import type { RequestRow } from "../surface/privacy-page.ts"
import { formatDay, plural } from "./wording.ts"

/** What people asked for, what became of it, and the files to pass on. */
export function PrivacyRequests({ requests }: { requests: RequestRow[] }) {
  const { fetching, failed, download } = useDownload()
  const waiting = requests.filter(({ state }) => state === "ready").length
  if (requests.length === 0)
    return (
      <Card>
        <EmptyState heading="Nobody has asked yet" image="">
          <p>
            When a customer asks what you hold on them, or to be erased, Shopify passes it on and it appears
            here. You have 30 days to answer.
          </p>
        </EmptyState>
      </Card>
    )
  return (
    <Card padding="0">
      <BlockStack gap="300">
        {waiting > 0 && (
          <Banner tone="info" title={`${plural(waiting, "file")} to pass on`}>
            <p>Download it and send it to the customer who asked. Shopify’s own message names who that is.</p>
          </Banner>
        )}
        {failed && (
          <Banner tone="critical" title="The file could not be downloaded">
            <p>Try again. If the person was erased meanwhile, there is no file any more.</p>
          </Banner>
        )}
        <IndexTable
          resourceName={{ singular: "request", plural: "requests" }}
          itemCount={requests.length}
          selectable={false}
          headings={[
            { title: "Request" },
            { title: "State" },
            { title: "Received" },
            { title: "Due" },
            { title: "File", hidden: true },
          ]}
        >
          {requests.map((request, index) => (
            <IndexTable.Row id={request.requestId} key={request.requestId} position={index}>
              <IndexTable.Cell>
                <Text as="span" fontWeight="semibold">
                  {KIND_WORDS[request.kind]}
                </Text>
              </IndexTable.Cell>
              <IndexTable.Cell>
                <StateBadge request={request} />
                {request.reason && (
                  <Text as="p" tone="subdued">
                    {request.reason}
                  </Text>
                )}
              </IndexTable.Cell>
              <IndexTable.Cell>{formatDay(request.receivedAtMs)}</IndexTable.Cell>
              <IndexTable.Cell>{formatDay(request.dueAtMs)}</IndexTable.Cell>
              <IndexTable.Cell>
                {request.file && (
                  <Button
                    loading={fetching === request.requestId}
                    onClick={() => download(request.requestId)}
                    accessibilityLabel={`Download the file of the request of ${formatDay(request.receivedAtMs)}`}
                  >
                    Download
                  </Button>
                )}
              </IndexTable.Cell>
            </IndexTable.Row>
          ))}
        </IndexTable>
      </BlockStack>
    </Card>
  )
}

const KIND_WORDS: Record<RequestRow["kind"], string> = {
  data_request: "What is held on a customer",
  redact: "Erase a customer",
  shop_redact: "Erase the shop",
}

function StateBadge({ request }: { request: RequestRow }) {
  if (request.overdue) return <Badge tone="critical">Overdue</Badge>
  switch (request.state) {
    case "pending":
      return <Badge tone="attention">In work</Badge>
    case "ready":
      return <Badge tone="info">Ready to pass on</Badge>
    case "done":
      return <Badge tone="success">Done</Badge>
    case "nothing_held":
      return <Badge>Nothing held on them</Badge>
    case "refused":
      return <Badge tone="warning">Refused</Badge>
    default: {
      const unknown: never = request.state
      return unknown
    }
  }
}

/** Fetched with the session token that App Bridge adds, which a plain link would lack, and saved from memory. */
function useDownload() {
  const [fetching, setFetching] = useState<string | null>(null)
  const [failed, setFailed] = useState(false)
  const download = async (requestId: string) => {
    setFetching(requestId)
    setFailed(false)
    try {
      const answer = await fetch(`/app/privacy/answer?request=${encodeURIComponent(requestId)}`)
      if (answer.ok) save(await answer.blob())
      setFailed(!answer.ok)
    } catch {
      setFailed(true)
    } finally {
      setFetching(null)
    }
  }
  return { fetching, failed, download }
}

function save(file: Blob): void {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(file)
  link.download = "personal-data.html"
  link.click()
  // Not before the browser has taken it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
