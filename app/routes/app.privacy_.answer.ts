import type { LoaderFunctionArgs } from "@remix-run/node"
import { withShopSql } from "../db.server.ts"
import { AppError } from "../errors.ts"
import { shopKeys } from "../shop/keys.server.ts"
import { readAnswer } from "../shop/privacy-answer.server.ts"
import { authenticateAdmin } from "../shopify.server.ts"

/** The file for a person who asked what is held on them. Each download is noted with who asked for it. */
export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId, staffId } = await authenticateAdmin(request)
  const requestId = new URL(request.url).searchParams.get("request") ?? ""
  const keys = await shopKeys(shopId)
  try {
    const file = await withShopSql(shopId, (client) =>
      readAnswer(client, shopId, keys, requestId, `staff:${staffId}`),
    )
    return new Response(file, { headers: HEADERS })
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found")
      return Response.json({ error: error.code, message: error.message }, { status: error.status })
    throw error
  }
}

const HEADERS = {
  "Content-Type": "text/html; charset=utf-8",
  // Its name says nothing of the person, for it lies in a list of downloads.
  "Content-Disposition": 'attachment; filename="personal-data.html"',
  "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  "Cache-Control": "private, no-store",
}
