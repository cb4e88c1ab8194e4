import type { LoaderFunctionArgs } from "@remix-run/node"
import { authenticateAdmin } from "../shopify.server.ts"

/** The library's own pages: fetching a session token, leaving the frame. It answers by throwing a Response. */
export async function loader({ request }: LoaderFunctionArgs) {
  await authenticateAdmin(request)
  return null
}
