import { z } from "zod"
import { AppError } from "../errors.ts"
import { badRequest, browserName } from "./block-request.ts"

/** A browser's name and a word. */
export const MAX_CONSENT_BYTES = 1_024

const word = z.strictObject({ visitor: browserName, analytics: z.boolean() })

/**
 * What a storefront page says when a visitor changes their mind about being captured.
 * @throws AppError `bad_request`
 */
export function parseConsentWord(text: string): { browser: string; granted: boolean } {
  const result = word.safeParse(parseJson(text))
  if (!result.success) throw badRequest(result.error)
  return { browser: result.data.visitor, granted: result.data.analytics }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError("bad_request", "Expected a JSON body. Update the theme app extension.", { cause })
  }
}
