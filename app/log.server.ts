import pino from "pino"

/**
 * Structured log lines on standard error. Only ids, counts, names of jobs and error codes belong in it: never a
 * name, an address, a token, a URL with its query, or a payload.
 */
export const log = pino(
  {
    level: process.env.LOG_LEVEL || "info",
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    // A second line of defence, should a field of that name ever be passed.
    redact: [
      "email",
      "phone",
      "token",
      "accessToken",
      "id_token",
      "authorization",
      "*.email",
      "*.accessToken",
    ],
  },
  pino.destination(2),
)
