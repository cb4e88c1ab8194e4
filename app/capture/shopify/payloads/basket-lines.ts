import { z } from "zod"
import type { BasketLine } from "../record.ts"
import { cents, count, given, idOrNull } from "./payload-fields.ts"

export const basketLines = given(
  z.array(z.object({ product_id: idOrNull, variant_id: idOrNull, quantity: count, price: cents })),
)

/** Lines of products; a gift wrap or another custom line names none. */
export function basketLinesOf(lines: z.infer<typeof basketLines>): BasketLine[] | undefined {
  return lines?.flatMap(({ product_id, variant_id, quantity, price }) =>
    product_id
      ? [
          {
            productId: product_id,
            variantId: variant_id ?? null,
            quantity: quantity ?? 1,
            priceCents: price ?? 0,
          },
        ]
      : [],
  )
}
