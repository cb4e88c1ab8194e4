import { EVENT_TYPE_CODES, EVENT_TYPES, type EventType } from "../capture/event.ts"

/** The five stages of a journey, in order. */
export const STAGES = ["sign_in", "browse", "cart", "checkout", "purchase"] as const

export type Stage = (typeof STAGES)[number]

/** The stage that an event type belongs to. A refund is in no stage: it undoes a purchase, it is not a step. */
export function stageOf(type: EventType): Stage | null {
  switch (type) {
    case "register":
    case "login":
      return "sign_in"
    case "page_view":
    case "collection_view":
    case "search":
    case "product_view":
    case "recommendation_click":
      return "browse"
    case "cart_add":
    case "cart_remove":
    case "cart_view":
    case "favourite":
      return "cart"
    case "checkout_start":
    case "checkout_contact":
    case "checkout_address":
    case "checkout_shipping":
    case "checkout_payment":
      return "checkout"
    case "purchase":
      return "purchase"
    case "refund":
      return null
    default: {
      const unknown: never = type
      throw new TypeError(`Expected an event type, got ${String(unknown)}`)
    }
  }
}

/** Event types that are steps of a journey, in order. */
export const MAP_STEPS = EVENT_TYPES.filter((type) => stageOf(type) !== null)

/** Code of a stage in the database, in the order of the journey. */
export const STAGE_CODES = {
  sign_in: 1,
  browse: 2,
  cart: 3,
  checkout: 4,
  purchase: 5,
} as const satisfies Record<Stage, number>

const STAGE_CODE_BY_TYPE_CODE: readonly number[] = EVENT_TYPES.reduce<number[]>((codes, type) => {
  const stage = stageOf(type)
  codes[EVENT_TYPE_CODES[type]] = stage === null ? 0 : STAGE_CODES[stage]
  return codes
}, [])

/** Stage code (1 to 5) of an event type's code; 0 where it is in no stage. */
export function stageCodeOf(typeCode: number): number {
  return STAGE_CODE_BY_TYPE_CODE[typeCode] ?? 0
}

const TYPE_BY_CODE = new Map<number, EventType>(EVENT_TYPES.map((type) => [EVENT_TYPE_CODES[type], type]))

/** @throws TypeError for a code that names no event type. */
export function eventTypeOf(typeCode: number): EventType {
  const type = TYPE_BY_CODE.get(typeCode)
  if (type === undefined) throw new TypeError(`Expected the code of an event type, got ${typeCode}`)
  return type
}
