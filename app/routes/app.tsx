import type { HeadersFunction, LinksFunction, LoaderFunctionArgs } from "@remix-run/node"
import { Link, Outlet, useLoaderData, useNavigation, useRouteError } from "@remix-run/react"
import { NavMenu } from "@shopify/app-bridge-react"
import polarisStyles from "@shopify/polaris/build/esm/styles.css?url"
import { AppProvider } from "@shopify/shopify-app-remix/react"
import { boundary } from "@shopify/shopify-app-remix/server"
import { useEffect } from "react"
import { appBridge, authenticateAdmin } from "../shopify.server.ts"

export const links: LinksFunction = () => [{ rel: "stylesheet", href: polarisStyles }]

export async function loader({ request }: LoaderFunctionArgs) {
  await authenticateAdmin(request)
  return appBridge()
}

export default function AdminLayout() {
  const { apiKey, scriptUrl } = useLoaderData<typeof loader>()
  useAdminLoadingBar()
  return (
    <AppProvider isEmbeddedApp apiKey={apiKey} __APP_BRIDGE_URL={scriptUrl}>
      <NavMenu>
        <Link to="/app" rel="home">
          Home
        </Link>
        <Link to="/app/journey">Journey</Link>
        <Link to="/app/privacy">Privacy</Link>
      </NavMenu>
      <Outlet />
    </AppProvider>
  )
}

/** Shows the admin's own loading bar while a page of ours is on its way. */
function useAdminLoadingBar(): void {
  const { state } = useNavigation()
  useEffect(() => {
    window.shopify?.loading(state === "loading")
  }, [state])
}

// App Bridge reads headers of redirects and refusals, so they must pass through.
export function ErrorBoundary() {
  return boundary.error(useRouteError())
}

export const headers: HeadersFunction = (given) => boundary.headers(given)
