import { useFetcher } from "@remix-run/react"
import { Badge, BlockStack, Button, Card, InlineStack, List, Text } from "@shopify/polaris"

/** Whether the shop's training rows go into models that several shops share, and a button to change that. */
export function TrainingSharing({ shares }: { shares: boolean }) {
  const fetcher = useFetcher()
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack gap="200" align="space-between" blockAlign="center">
          <Text as="h2" variant="headingMd">
            Learning together with other shops
          </Text>
          <div aria-live="polite">
            {shares ? <Badge tone="success">Sharing is on</Badge> : <Badge>Sharing is off</Badge>}
          </div>
        </InlineStack>
        <Text as="p">
          A model that several shops have taught knows how people shop before it has seen yours. Whoever runs
          this app can make one, of the shops that agree to it and of no others.
        </Text>
        <List gap="extraTight">
          <List.Item>
            Shared are training rows: what a visitor without a name did, when, with which product and at what
            price, and the texts of your products. No name, address or search is in them.
          </List.Item>
          <List.Item>
            It gives every shop that starts from the shared model better recommendations while it has little
            history of its own. Your shop may start from it whether it shares or not.
          </List.Item>
          <List.Item>
            Turned off, your rows stay out of every shared model made from then on. A model made before keeps
            what it learned.
          </List.Item>
        </List>
        <fetcher.Form method="post" action="/app/privacy">
          <input type="hidden" name="intent" value="share_training" />
          <input type="hidden" name="share" value={shares ? "off" : "on"} />
          <Button submit loading={fetcher.state !== "idle"}>
            {shares ? "Stop sharing" : "Share training rows"}
          </Button>
        </fetcher.Form>
      </BlockStack>
    </Card>
  )
}
