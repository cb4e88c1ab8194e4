import type { InventoryLevel } from "../../state/resources.ts"
import { at, type PayloadSource } from "./rest-format.ts"

/** inventory_levels/connect, inventory_levels/update */
export function inventoryLevelPayload(source: PayloadSource, level: InventoryLevel): object {
  return {
    inventory_item_id: Number(level.itemId),
    location_id: Number(level.locationId),
    available: level.available,
    updated_at: at(source, level.updatedAtMs),
    admin_graphql_api_id: `gid://shopify/InventoryLevel/${level.locationId}?inventory_item_id=${level.itemId}`,
  }
}

/** inventory_levels/disconnect names the level and nothing else. */
export const disconnectedPayload = (itemId: string, locationId: string): object => ({
  inventory_item_id: Number(itemId),
  location_id: Number(locationId),
})
