import { readiness } from "../readiness.server.ts"
import { scorerState } from "../scoring/scorer.server.ts"

/** Whether to send requests here. The scorer's state is shown and not required: fallbacks answer without it. */
export async function loader() {
  const state = await readiness()
  const { running, loadedModels } = scorerState()
  return Response.json(
    { ...state, scorer: { running, loadedModels } },
    { status: state.ready ? 200 : 503, headers: { "Cache-Control": "no-store" } },
  )
}
