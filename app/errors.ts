/**
 * Every way this program refuses to go on. Bad input is data (a drop with a reason); these codes are for
 * what a person must mend. The message says what was expected, what came, and the remedy.
 */
const STATUS_BY_CODE = {
  bad_configuration: 500,
  bad_request: 400,
  unauthenticated: 401,
  no_consent: 403,
  not_found: 404,
  too_large: 413,
  too_many: 429,
  bad_file: 422,
  bad_model: 422,
  not_enough_data: 422,
  missing_tool: 500,
  unavailable: 503,
  internal: 500,
} as const

export type ErrorCode = keyof typeof STATUS_BY_CODE

export class AppError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = "AppError"
    this.code = code
  }

  /** HTTP status that a route answers with. */
  get status(): number {
    return STATUS_BY_CODE[this.code]
  }
}
