import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node"
import { useLoaderData } from "@remix-run/react"
import { BlockStack, InlineGrid, Page } from "@shopify/polaris"
import { z } from "zod"
import { AccessList } from "../components/access-list.tsx"
import { PageError } from "../components/page-error.tsx"
import { PrivacyRequests } from "../components/privacy-requests.tsx"
import { HeldData, RetentionPeriods } from "../components/retention-periods.tsx"
import { TrainingSharing } from "../components/training-sharing.tsx"
import { withShopSql } from "../db.server.ts"
import { setSharesTraining } from "../shop/training-sharing.server.ts"
import { authenticateAdmin } from "../shopify.server.ts"
import { readPrivacyPage } from "../surface/privacy-page.server.ts"

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request)
  return readPrivacyPage(shopId, { asOf: new Date() })
}

const wish = z.object({ intent: z.literal("share_training"), share: z.enum(["on", "off"]) })

/** Turns the sharing of training rows on or off. */
export async function action({ request }: ActionFunctionArgs) {
  const { shopId, staffId } = await authenticateAdmin(request)
  const form = await request.formData().catch(() => new FormData())
  const wished = wish.safeParse(Object.fromEntries(form))
  if (!wished.success) return Response.json({ error: "bad_request" }, { status: 400 })
  await withShopSql(shopId, (client) =>
    setSharesTraining(client, shopId, { share: wished.data.share === "on", actor: `staff:${staffId}` }),
  )
  return Response.json({ done: true })
}

export default function Privacy() {
  const { requests, accesses, held, sharesTraining, retention } = useLoaderData<typeof loader>()
  return (
    <Page title="Privacy" subtitle="Requests of people, what is held, and for how long">
      <BlockStack gap="400">
        <PrivacyRequests requests={requests} />
        <InlineGrid columns={{ xs: 1, md: 2 }} gap="400" alignItems="start">
          <BlockStack gap="400">
            <HeldData held={held} />
            <TrainingSharing shares={sharesTraining} />
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
