import { z } from "zod"
import { AppError } from "../errors.ts"
import { defaultSlates, type ProductSlate } from "../recommend/default-slates.server.ts"
import { shopAdmin } from "./shop-admin.server.ts"

/** Shown are at most 12; the rest stand in for what is sold out when the theme renders. */
const SLATE_SIZE = 16

/** Shopify's limit of metafields a call. */
const METAFIELDS_A_CALL = 25

const SET_METAFIELDS = `#graphql
  mutation setDefaultSlates($metafields: [MetafieldsSetInput!]!) {
    metafieldsSet(metafields: $metafields) { userErrors { code } }
  }`

const Answer = z.object({
  data: z.object({
    metafieldsSet: z.object({ userErrors: z.array(z.object({ code: z.string().nullish() })) }),
  }),
})

/**
 * Writes each product's default slate to the metafield that the theme renders, so that the block shows it without our
 * server. A shop that has given no token (an imported log) has no metafields and is left out.
 */
export async function refreshDefaultSlates(shopId: number): Promise<void> {
  const admin = await shopAdmin(shopId)
  if (!admin) return
  const slates = await defaultSlates(shopId, SLATE_SIZE)
  for (let from = 0; from < slates.length; from += METAFIELDS_A_CALL) {
    const metafields = slates.slice(from, from + METAFIELDS_A_CALL).map(asMetafield)
    const response = await admin.graphql(SET_METAFIELDS, { variables: { metafields } })
    const { userErrors } = Answer.parse(await response.json()).data.metafieldsSet
    if (userErrors.length)
      throw new AppError(
        "unavailable",
        `Shopify refused ${userErrors.length} of ${metafields.length} default slates (${userErrors.map(({ code }) => code).join(", ")}). Does the app have the scope write_products?`,
      )
  }
}

function asMetafield({ item, slate }: ProductSlate) {
  return {
    ownerId: productGid(item),
    namespace: "$app",
    key: "recommendations",
    type: "list.product_reference",
    value: JSON.stringify(slate.map((entry) => productGid(entry.item))),
  }
}

function productGid(externalId: string): string {
  return `gid://shopify/Product/${externalId}`
}
