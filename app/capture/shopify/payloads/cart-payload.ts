import { z } from "zod"
import type { RecordChange } from "../record.ts"
import { basketLines, basketLinesOf } from "./basket-lines.ts"
import { type Message, versionIn } from "./message.ts"
import { textOrNull, time, toldOnly } from "./payload-fields.ts"

const payload = z.object({
  id: textOrNull(),
  token: textOrNull(),
  line_items: basketLines,
  updated_at: time,
})

/** carts/create, carts/update. A cart's id is its token. */
export function cartChanges(message: Message): RecordChange[] | null {
  const cart = payload.parse(message.body)
  const id = (cart.token ?? cart.id)?.split("?", 1)[0]
  if (!id) return null
  return [
    {
      kind: "cart",
      id,
      versionMs: versionIn(message, cart.updated_at),
      fields: toldOnly({ lines: basketLinesOf(cart.line_items) }),
    },
  ]
}
