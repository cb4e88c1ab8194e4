import { isRouteErrorResponse, useRevalidator, useRouteError } from "@remix-run/react"
import { Banner, Page } from "@shopify/polaris"
import { boundary } from "@shopify/shopify-app-remix/server"

/** A page of the admin whose figures could not be read. What Shopify's library throws passes through. */
export function PageError({ title }: { title: string }) {
  const error = useRouteError()
  const { revalidate, state } = useRevalidator()
  if (isRouteErrorResponse(error)) return boundary.error(error)
  return (
    <Page title={title}>
      <Banner
        tone="critical"
        title="The figures could not be read"
        action={{ content: "Try again", onAction: revalidate, loading: state === "loading" }}
      >
        <p>
          The database did not answer, or the answer was not as expected. The web process's log says which.
        </p>
      </Banner>
    </Page>
  )
}
