import { json, type LoaderFunctionArgs } from "@remix-run/node"
import { AppError } from "../errors.ts"
import { readJourneyPage } from "../journey/journey-page.server.ts"
import { authenticateAdmin } from "../shopify.server.ts"

/** The journey map as data: the same questions and the same answer as the page. */
export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request)
  try {
    const { map } = await readJourneyPage(shopId, new URL(request.url).searchParams, { asOf: new Date() })
    return json(map, { headers: { "Cache-Control": "private, no-store" } })
  } catch (error) {
    if (error instanceof AppError)
      return json({ error: error.code, message: error.message }, { status: error.status })
    throw error
  }
}
