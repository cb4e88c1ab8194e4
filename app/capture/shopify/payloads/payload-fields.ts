/**
 * Pieces of payload schemas. A field that is missing, or is not what Shopify documents, is not told; the rest of the
 * payload still is.
 */
import { z } from "zod"
import { centsOfMoney } from "../money.ts"
import { cleanText } from "../plain-text.ts"
import { idOf } from "../shop-ids.ts"

export const MAX_WORD = 255

/** A field that may be missing; of a wrong type it counts as missing. */
export function given<T extends z.ZodType>(schema: T) {
  return schema.optional().catch(undefined)
}

/** What is looked at elsewhere. */
export const anything = z.unknown().optional()

/** Text; null is no text. */
export const text = (maxLength: number) =>
  given(
    z
      .string()
      .nullable()
      .transform((value) => cleanText(value ?? "", maxLength)),
  )

/** Text that may be absent; an empty one says nothing either. */
export const textOrNull = (maxLength: number = MAX_WORD) =>
  given(
    z
      .string()
      .nullable()
      .transform((value) => cleanText(value?.trim() ?? "", maxLength) || null),
  )

/** An id as text; null where the payload says that there is none. */
export const idOrNull = given(
  z.unknown().transform((value, context) => {
    if (value === null) return null
    const id = idOf(value)
    if (id === undefined) context.addIssue({ code: "custom", message: "no id" })
    return id ?? null
  }),
)

export const cents = given(
  z.unknown().transform((value, context) => {
    const amount = centsOfMoney(value)
    if (amount === undefined) context.addIssue({ code: "custom", message: "no amount" })
    return amount ?? 0
  }),
)

export const count = given(z.int().min(0).max(2_147_483_647))

/** A time as text, to be read by `msOfTime`; null where it says that it has not happened. */
export const time = given(z.string().nullable())

/** Without the fields that were not told. */
export function toldOnly<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
