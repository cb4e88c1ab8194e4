import { z } from "zod"
import type { RecordChange } from "../record.ts"
import { resourceId } from "../shop-ids.ts"
import { type Message, versionIn } from "./message.ts"
import { MAX_WORD, text, time, toldOnly } from "./payload-fields.ts"

const payload = z.object({ title: text(1_000), handle: text(MAX_WORD), updated_at: time })

/** collections/create, collections/update */
export function collectionChanges(message: Message): RecordChange[] | null {
  const id = resourceId(message.body)
  if (id === undefined) return null
  const { title, handle, updated_at } = payload.parse(message.body)
  const versionMs = versionIn(message, updated_at)
  return [{ kind: "collection", id, versionMs, fields: toldOnly({ title, handle }) }]
}

/** collections/delete */
export function collectionDeletion(message: Message): RecordChange[] | null {
  const id = resourceId(message.body)
  return id === undefined
    ? null
    : [{ kind: "collection", id, versionMs: message.seenAtMs, deleted: true, fields: {} }]
}
