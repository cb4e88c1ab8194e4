import { z } from "zod"
import type { RecordChange } from "../record.ts"
import { type Message, versionIn } from "./message.ts"
import { given, idOrNull, time, toldOnly } from "./payload-fields.ts"

const payload = z.object({
  inventory_item_id: idOrNull,
  location_id: idOrNull,
  available: given(z.int().nullable()),
  updated_at: time,
})

/** inventory_levels/update, inventory_levels/connect */
export function inventoryLevelChanges(message: Message): RecordChange[] | null {
  const {
    inventory_item_id: item,
    location_id: location,
    available,
    updated_at,
  } = payload.parse(message.body)
  if (!item || !location) return null
  return [
    {
      kind: "inventory_level",
      id: `${item}:${location}`,
      parentId: item,
      versionMs: versionIn(message, updated_at),
      fields: toldOnly({ available }),
    },
  ]
}

/** inventory_levels/disconnect: no stock is held there. It can be connected again, so it is not deleted. */
export function inventoryLevelEnd(message: Message): RecordChange[] | null {
  const { inventory_item_id: item, location_id: location } = payload.parse(message.body)
  if (!item || !location) return null
  const fields = { available: null }
  return [
    {
      kind: "inventory_level",
      id: `${item}:${location}`,
      parentId: item,
      versionMs: message.seenAtMs,
      fields,
    },
  ]
}
