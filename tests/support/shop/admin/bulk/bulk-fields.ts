import type { AdminContext, Fields } from "../admin-context.ts"
import { dateTime } from "../fields/values.ts"
import { gid } from "../gid.ts"
import type { BulkOperation } from "./bulk-operations.ts"

export const BULK_FILES = "/bulk-files"

const addressOf = ({ file }: BulkOperation, partial: boolean, { origin }: AdminContext) =>
  file?.partial === partial ? new URL(`${BULK_FILES}/${file.name}`, origin).href : null

export const bulkFields = {
  BulkOperation: {
    id: ({ id }) => gid("BulkOperation", id),
    type: ({ type }) => type,
    status: ({ status }) => status,
    errorCode: ({ errorCode }) => errorCode,
    query: ({ query }) => query,
    createdAt: ({ createdAtMs }) => dateTime(createdAtMs),
    completedAt: ({ completedAtMs }) => dateTime(completedAtMs),
    objectCount: ({ objectCount }) => String(objectCount),
    rootObjectCount: ({ rootObjectCount }) => String(rootObjectCount),
    fileSize: ({ file }) => (file === null ? null : String(file.content.length)),
    url: (operation, _, context) =>
      operation.status === "EXPIRED" ? null : addressOf(operation, false, context),
    partialDataUrl: (operation, _, context) => addressOf(operation, true, context),
  } satisfies Fields<BulkOperation>,
}
