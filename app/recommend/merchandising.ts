import { z } from "zod"

/**
 * Part `merchandising` of a shop's settings: what the merchant wants of every slate. Products taken out one by one
 * are `products.excluded`; these rules stand beside it. All names are compared without case.
 */
export const merchandisingSettings = z.object({
  /** Products (external ids) that come first while they are eligible, in this order. */
  pinned: z.array(z.string().min(1).max(255)).max(12).default([]),
  excludedCategories: z.array(z.string().min(1).max(255)).max(200).default([]),
  excludedBrands: z.array(z.string().min(1).max(255)).max(200).default([]),
  /** At most so many of one category in a slate, while others are there to take their place. */
  mostOfCategory: z.number().int().min(1).max(50).default(3),
  mostOfBrand: z.number().int().min(1).max(50).default(3),
  /** 0 ranks by score alone, 1 weighs likeness to what is already in the slate as much as the score. */
  diversity: z.number().min(0).max(1).default(0.2),
})

export type Merchandising = z.output<typeof merchandisingSettings>
