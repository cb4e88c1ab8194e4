import type { PlainItem } from "../../../../app/capture/event.ts"
import type { BrandId, KindId, PatternId } from "./kinds.ts"
import type { ColourId } from "./palette.ts"

/** Everything the title and the picture are made from. */
export type Look = {
  kind: KindId
  form: string
  pattern: PatternId
  colour: ColourId
  accent: ColourId
  material: string
  /** Id of a scent, blend, species or motif, "" where the kind has none. */
  edition: string
}

export type DemoProduct = PlainItem & {
  title: string
  description: string
  category: string
  brand: BrandId
  priceCents: number
  currency: string
  image: string
  available: boolean
  kind: KindId
  look: Look
  /** First day on sale; before it nobody sees the product. */
  launchMs: number
  /** From here on it can be looked at and not bought; null while in stock. */
  soldOutMs: number | null
}
