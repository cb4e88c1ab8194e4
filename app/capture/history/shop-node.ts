import { z } from "zod"
import { cleanText } from "../shopify/plain-text.ts"
import type { RecordChange } from "../shopify/record.ts"

const answer = z.object({
  shop: z.object({
    name: z.string(),
    myshopifyDomain: z.string(),
    currencyCode: z.string().length(3),
    ianaTimezone: z.string(),
  }),
})

/** @param askedAtMs when: the shop has no `updatedAt` to go by. @throws ZodError */
export function shopChange(data: unknown, askedAtMs: number): RecordChange {
  const { shop } = answer.parse(data)
  return {
    kind: "shop",
    id: "shop",
    versionMs: askedAtMs,
    fields: {
      name: cleanText(shop.name, 1_000),
      domain: shop.myshopifyDomain,
      currency: shop.currencyCode,
      timeZone: shop.ianaTimezone,
    },
  }
}
