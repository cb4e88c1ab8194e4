import type { Metafield } from "../../state/resources.ts"
import type { AdminContext, Arguments, Fields } from "../admin-context.ts"
import { pageOf } from "../connection.ts"
import { gid } from "../gid.ts"
import { dateTime } from "./values.ts"

const APP_NAMESPACE = "$app"

/** `metafield` and `metafields` of a type; without a namespace the app's own is meant. */
export function metafieldFields<Source>(ownerOf: (source: Source) => string) {
  return {
    metafield: (source: Source, { namespace, key }: Arguments, { state }: AdminContext) =>
      state.metafield(ownerOf(source), String(namespace ?? APP_NAMESPACE), String(key)) ?? null,
    metafields: (source: Source, args: Arguments, context: AdminContext) => {
      const owner = `${ownerOf(source)}|`
      const found = [...context.state.store.metafields].flatMap(([name, field]) =>
        name.startsWith(owner) && (args.namespace == null || field.namespace === args.namespace)
          ? [field]
          : [],
      )
      return pageOf(found, (field) => [0, field.id], args, context)
    },
  }
}

export const metafieldTypeFields = {
  Metafield: {
    id: ({ id }) => gid("Metafield", id),
    namespace: ({ namespace }) => namespace,
    key: ({ key }) => key,
    type: ({ type }) => type,
    value: ({ value }) => value,
    jsonValue: ({ type, value }) => (/^(json|list\.)/.test(type) ? JSON.parse(value) : value),
    createdAt: ({ createdAtMs }) => dateTime(createdAtMs),
    updatedAt: ({ updatedAtMs }) => dateTime(updatedAtMs),
  } satisfies Fields<Metafield>,
}
