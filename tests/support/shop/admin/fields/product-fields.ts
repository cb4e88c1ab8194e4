import type { Collection, InventoryLevel, Location, Product, Variant } from "../../state/resources.ts"
import type { AdminContext, Fields } from "../admin-context.ts"
import { pageInOrder, pageOf } from "../connection.ts"
import { gid, parseGid } from "../gid.ts"
import { metafieldFields } from "./metafield-fields.ts"
import { absoluteUrl, dateTime, money, plainMoney } from "./values.ts"

type InventoryItem = { product: Product; variant: Variant }

const totalAt = (variant: Variant, context: AdminContext) => {
  let total = 0
  for (const location of context.state.store.locations.keys())
    total += context.state.store.levels.get(`${variant.inventoryItemId}:${location}`)?.available ?? 0
  return total
}

const productOf = (variant: Variant, context: AdminContext) =>
  context.state.store.variants.get(variant.id)?.product ?? null

const plainText = (html: string) =>
  html
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim()

const product: Fields<Product> = {
  id: ({ id }) => gid("Product", id),
  legacyResourceId: ({ id }) => id,
  title: ({ title }) => title,
  handle: ({ handle }) => handle,
  description: ({ descriptionHtml }) => plainText(descriptionHtml),
  descriptionHtml: ({ descriptionHtml }) => descriptionHtml,
  vendor: ({ vendor }) => vendor,
  productType: ({ productType }) => productType,
  status: ({ status }) => status.toUpperCase(),
  tags: ({ tags }) => tags,
  publishedAt: ({ publishedAtMs }) => dateTime(publishedAtMs),
  createdAt: ({ createdAtMs }) => dateTime(createdAtMs),
  updatedAt: ({ updatedAtMs }) => dateTime(updatedAtMs),
  onlineStoreUrl: ({ handle, publishedAtMs }, _, { state }) =>
    publishedAtMs === null ? null : `https://${state.store.shop.domain}/products/${handle}`,
  featuredMedia: (source) => (source.imageUrl === null ? null : { mediaOf: source }),
  isGiftCard: () => false,
  tracksInventory: ({ variants }) => variants.some(({ tracked }) => tracked),
  totalInventory: ({ variants }, _, context) =>
    variants.reduce((sum, variant) => sum + (variant.tracked ? totalAt(variant, context) : 0), 0),
  variantsCount: ({ variants }) => variants.length,
  variants: ({ variants }, args, context) => pageInOrder(variants, args, context),
  collections: (source, args, context) =>
    pageOf(
      [...context.state.store.collections.values()].filter((one) => one.productIds.includes(source.id)),
      (collection) => [collection.title, collection.id],
      args,
      context,
    ),
  priceRangeV2: ({ variants }, _, context) => ({
    min: money(Math.min(...variants.map(({ priceCents }) => priceCents)), context),
    max: money(Math.max(...variants.map(({ priceCents }) => priceCents)), context),
  }),
  ...metafieldFields((source: Product) => gid("Product", source.id)),
}

const variant: Fields<Variant> = {
  id: ({ id }) => gid("ProductVariant", id),
  legacyResourceId: ({ id }) => id,
  title: ({ title }) => title,
  displayName: (source, _, context) => `${productOf(source, context)?.title ?? ""} - ${source.title}`,
  sku: ({ sku }) => sku,
  position: ({ position }) => position,
  price: ({ priceCents }, _, { state }) => plainMoney(priceCents, state.store.shop.currency),
  compareAtPrice: ({ compareAtCents }, _, { state }) =>
    compareAtCents === null ? null : plainMoney(compareAtCents, state.store.shop.currency),
  inventoryPolicy: ({ inventoryPolicy }) => inventoryPolicy.toUpperCase(),
  inventoryQuantity: (source, _, context) => totalAt(source, context),
  availableForSale: (source, _, context) =>
    !source.tracked || source.inventoryPolicy === "continue" || totalAt(source, context) > 0,
  inventoryItem: (source, _, { state }) => state.store.inventoryItems.get(source.inventoryItemId),
  product: (source, _, context) => productOf(source, context),
  createdAt: ({ createdAtMs }) => dateTime(createdAtMs),
  updatedAt: ({ updatedAtMs }) => dateTime(updatedAtMs),
  ...metafieldFields((source: Variant) => gid("ProductVariant", source.id)),
}

const item: Fields<InventoryItem> = {
  id: ({ variant: { inventoryItemId } }) => gid("InventoryItem", inventoryItemId),
  legacyResourceId: ({ variant: { inventoryItemId } }) => inventoryItemId,
  sku: ({ variant: { sku } }) => sku,
  tracked: ({ variant: { tracked } }) => tracked,
  requiresShipping: () => true,
  createdAt: ({ variant: { createdAtMs } }) => dateTime(createdAtMs),
  updatedAt: ({ variant: { updatedAtMs } }) => dateTime(updatedAtMs),
  variants: ({ variant: one }, args, context) => pageInOrder([one], args, context),
  inventoryLevels: ({ variant: { inventoryItemId } }, args, context) =>
    pageOf(
      [...context.state.store.locations.keys()].flatMap(
        (location) => context.state.store.levels.get(`${inventoryItemId}:${location}`) ?? [],
      ),
      (level) => [0, level.locationId],
      args,
      context,
    ),
  inventoryLevel: ({ variant: { inventoryItemId } }, args, { state }) =>
    state.store.levels.get(`${inventoryItemId}:${parseGid(args.locationId)?.id}`) ?? null,
}

/** The shop keeps one figure a level: what is available. The others follow from it while nothing is committed. */
const QUANTITY_NAMES = new Set(["available", "on_hand"])

const level: Fields<InventoryLevel> = {
  id: ({ itemId, locationId }) => `${gid("InventoryLevel", locationId)}?inventory_item_id=${itemId}`,
  item: ({ itemId }, _, { state }) => state.store.inventoryItems.get(itemId),
  location: ({ locationId }, _, { state }) => state.store.locations.get(locationId),
  isActive: () => true,
  createdAt: ({ updatedAtMs }) => dateTime(updatedAtMs),
  updatedAt: ({ updatedAtMs }) => dateTime(updatedAtMs),
  quantities: ({ available, updatedAtMs }, { names }) =>
    (names as string[]).map((name) => {
      if (!QUANTITY_NAMES.has(name))
        throw new Error(`The simulated shop counts ${[...QUANTITY_NAMES].join(" and ")}, not “${name}”.`)
      return { name, quantity: available, updatedAtMs }
    }),
}

const collection: Fields<Collection> = {
  id: ({ id }) => gid("Collection", id),
  legacyResourceId: ({ id }) => id,
  title: ({ title }) => title,
  handle: ({ handle }) => handle,
  description: ({ descriptionHtml }) => plainText(descriptionHtml),
  descriptionHtml: ({ descriptionHtml }) => descriptionHtml,
  updatedAt: ({ updatedAtMs }) => dateTime(updatedAtMs),
  productsCount: ({ productIds }) => productIds.length,
  hasProduct: ({ productIds }, { id }) => productIds.includes(parseGid(id)?.id ?? ""),
  products: ({ productIds }, args, context) =>
    pageInOrder(
      productIds.flatMap((id) => context.state.store.products.get(id) ?? []),
      args,
      context,
    ),
  ...metafieldFields((source: Collection) => gid("Collection", source.id)),
}

export const productFields = {
  Product: product,
  ProductVariant: variant,
  ProductPriceRangeV2: {
    minVariantPrice: ({ min }) => min,
    maxVariantPrice: ({ max }) => max,
  } satisfies Fields<{
    min: unknown
    max: unknown
  }>,
  MediaImage: {
    id: ({ mediaOf }) => gid("MediaImage", mediaOf.id),
    image: ({ mediaOf }, _, context) => ({ url: absoluteUrl(mediaOf.imageUrl ?? "", context) }),
    preview: (source) => source,
    alt: () => null,
    mediaContentType: () => "IMAGE",
  } satisfies Fields<{ mediaOf: Product }>,
  MediaPreviewImage: {
    image: ({ mediaOf }, _, context) => ({ url: absoluteUrl(mediaOf.imageUrl ?? "", context) }),
    status: () => "READY",
  } satisfies Fields<{ mediaOf: Product }>,
  InventoryItem: item,
  InventoryLevel: level,
  InventoryQuantity: {
    name: ({ name }) => name,
    quantity: ({ quantity }) => quantity,
    updatedAt: ({ updatedAtMs }) => dateTime(updatedAtMs),
  } satisfies Fields<{ name: string; quantity: number; updatedAtMs: number }>,
  Location: {
    id: ({ id }) => gid("Location", id),
    legacyResourceId: ({ id }) => id,
    name: ({ name }) => name,
    isActive: ({ active }) => active,
    createdAt: ({ createdAtMs }) => dateTime(createdAtMs),
    updatedAt: ({ updatedAtMs }) => dateTime(updatedAtMs),
  } satisfies Fields<Location>,
  Collection: collection,
}
