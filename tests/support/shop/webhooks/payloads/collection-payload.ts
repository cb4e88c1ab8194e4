import type { Collection } from "../../state/resources.ts"
import { at, atOrNull, ids, type PayloadSource } from "./rest-format.ts"

/** collections/create, collections/update */
export function collectionPayload(source: PayloadSource, collection: Collection): object {
  return {
    ...ids("Collection", collection.id),
    handle: collection.handle,
    title: collection.title,
    updated_at: at(source, collection.updatedAtMs),
    body_html: collection.descriptionHtml,
    published_at: atOrNull(source, collection.publishedAtMs),
    sort_order: "best-selling",
    template_suffix: null,
    published_scope: "web",
  }
}
