import { type StaticTextEncoder, unit } from "./text-encoder.ts"

/** What a product is called says most, what it is filed under next; a description is mostly about the shop. */
const WEIGHTS = { title: 1, category: 0.5, description: 0.4, brand: 0.2 } as const

/** Descriptions begin with the product and end with care labels and shipping. */
const DESCRIPTION_CHARACTERS = 300

export type ProductText = { title: string; description: string; category: string; brand: string }

/**
 * Vector of a whole product: unit(Σ over fields of weight · unit(field)), (D,), zero where it has no known text.
 * Each field is brought to length 1 first, so that a long description does not drown the title.
 */
export function productVector(encoder: StaticTextEncoder, product: ProductText): Float32Array {
  const sum = new Float64Array(encoder.dimension)
  encoder.addTo(sum, product.title, WEIGHTS.title)
  encoder.addTo(sum, product.category, WEIGHTS.category)
  encoder.addTo(sum, product.description.slice(0, DESCRIPTION_CHARACTERS), WEIGHTS.description)
  encoder.addTo(sum, product.brand, WEIGHTS.brand)
  return unit(sum)
}
