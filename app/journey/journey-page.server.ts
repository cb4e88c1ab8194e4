import { buildJourneyMap, type JourneyMap } from "./build-map.ts"
import { readChannels, readJourneyMap, readMapDays } from "./journey-map.server.ts"
import { parseMapQuery } from "./map-query.ts"

export type JourneyPage = {
  map: JourneyMap
  /** First and last day of the shop's visits; null before the first one. */
  days: { from: string; to: string } | null
  /** Channels to choose from. */
  channels: string[]
}

/**
 * The map that an address asks for, with what else could be asked.
 * @throws AppError `bad_request`
 */
export async function readJourneyPage(
  shopId: number,
  parameters: URLSearchParams,
  { asOf }: { asOf: Date },
): Promise<JourneyPage> {
  const days = await readMapDays(shopId)
  const today = asOf.toISOString().slice(0, 10)
  const query = parseMapQuery(parameters, days ?? { from: today, to: today })
  if (days === null) return { map: buildJourneyMap(query, NOTHING), days, channels: [] }
  const [map, channels] = [await readJourneyMap(shopId, query), await readChannels(shopId, query)]
  return { map, days, channels }
}

const NOTHING = {
  edges: new Map(),
  visitsByStages: new Map(),
  people: 0,
  peopleByStage: [],
  purchases: 0,
  revenueCents: 0,
  paths: [],
}
