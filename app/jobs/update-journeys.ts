import { updateJourneys } from "../journey/update-journeys.server.ts"

/** Recounts the shoppers whose events changed. One that is interrupted leaves the rest marked for the next. */
export async function runUpdateJourneys(shopId: number): Promise<void> {
  await updateJourneys(shopId, { asOf: new Date() })
}
