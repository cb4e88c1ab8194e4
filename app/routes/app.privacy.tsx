import type { LoaderFunctionArgs } from "@remix-run/node"
import { useLoaderData } from "@remix-run/react"
import { BlockStack, InlineGrid, Page } from "@shopify/polaris"
import { AccessList } from "../components/access-list.tsx"
import { PageError } from "../components/page-error.tsx"
import { PrivacyRequests } from "../components/privacy-requests.tsx"
import { HeldData, RetentionPeriods } from "../components/retention-periods.tsx"
import { authenticateAdmin } from "../shopify.server.ts"
import { readPrivacyPage } from "../surface/privacy-page.server.ts"

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request)
  return readPrivacyPage(shopId, { asOf: new Date() })
}

export default function Privacy() {
  const { requests, accesses, held, retention } = useLoaderData<typeof loader>()
  return (
    <Page title="Privacy" subtitle="Requests of people, what is held, and for how long">
      <BlockStack gap="400">
        <PrivacyRequests requests={requests} />
        <InlineGrid columns={{ xs: 1, md: 2 }} gap="400" alignItems="start">
          <BlockStack gap="400">
            <HeldData held={held} />
            <AccessList accesses={accesses} />
          </BlockStack>
          <RetentionPeriods retention={retention} />
        </InlineGrid>
      </BlockStack>
    </Page>
  )
}

export function ErrorBoundary() {
  return <PageError title="Privacy" />
}
