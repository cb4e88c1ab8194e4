import { resolve } from "node:path"
import { z } from "zod"
import { AppError } from "./errors.ts"

/**
 * Every variable that the program reads, with its meaning and default. `.env.example` lists the same ones (a
 * test holds that). A wrong one stops the start with a message that names it.
 */
const schema = z.object({
  NODE_ENV: z.enum(["development", "production", "test"]).default("production").describe("How it runs."),
  THROUGHLINE_HOME: z
    .string()
    .default(".throughline")
    .transform((folder) => resolve(folder))
    .describe(
      "Folder for everything that lives outside the database: embedded PostgreSQL, model cache, logs.",
    ),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .describe("PostgreSQL as the serving role, a member of throughline_app that owns nothing."),
  DATABASE_OWNER_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe("PostgreSQL as the role that owns the tables; only migrations use it."),
  DATABASE_POOL: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(10)
    .describe("Connections a process may hold."),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .optional()
    .describe("Redis for the queue. Without it the queue lives in PostgreSQL."),
  HOST: z.string().default("127.0.0.1").describe("Address that the web process listens on."),
  PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .default(3000)
    .describe("Port of the web process; 0 takes a free one."),
  METRICS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .default(9464)
    .describe("Private port of /metrics, on the loopback address; 0 takes a free one."),
  SHOPIFY_API_KEY: z.string().min(1).describe("Client id of the app in the Shopify Dev Dashboard."),
  SHOPIFY_API_SECRET: z
    .string()
    .min(8)
    .describe("Client secret: it signs webhooks, proxy requests and tokens."),
  SHOPIFY_API_SECRET_OLD: z
    .string()
    .min(8)
    .optional()
    .describe("The client secret before this one, while it is rotated: what it signed is still taken."),
  SHOPIFY_APP_URL: z.url().describe("Public address of the web process."),
  SCOPES: z
    .string()
    .default("write_products,read_inventory,read_orders,read_fulfillments,read_customers")
    .describe("Access scopes, separated by commas; the same as in shopify.app.toml."),
  THROUGHLINE_KEYS: z
    .string()
    .regex(/^[\w-]+:[A-Za-z0-9+/]{43}=(,[\w-]+:[A-Za-z0-9+/]{43}=)*$/, {
      error:
        "expected id:KEY[,id:KEY…], each KEY 32 random bytes in base64 (openssl rand -base64 32); the first one seals",
    })
    .describe(
      "The app's keys, newest first: each wraps the shops' keys. Losing them loses what they sealed.",
    ),
  LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "silent"])
    .default("info")
    .describe("Least level logged."),
  SCORER_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(1)
    .default(150)
    .describe("Milliseconds that a block waits for the model before the fallback answers."),
  SCORER_MEMORY_MB: z.coerce
    .number()
    .int()
    .min(64)
    .default(512)
    .describe("Memory that the scorer may spend on shops' models; the least recently used leave first."),
  DRAIN_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .default(20)
    .describe("Seconds that SIGTERM leaves to finish work."),
  SIMULATED_SHOP_URL: z
    .url({ protocol: /^http$/, hostname: /^(127\.0\.0\.1|localhost)$/ })
    .optional()
    .describe(
      "Loopback server that stands for Shopify in the demo and the tests; refused when NODE_ENV is production.",
    ),
})

export type Env = z.output<typeof schema>

/** Name, meaning and default of each variable, for `.env.example` and the docs. */
export const environmentVariables = Object.entries(schema.shape).map(([name, field]) => {
  const fallback = field.safeParse(undefined)
  return { name, meaning: field.description ?? "", default: fallback.success ? fallback.data : null }
})

/** @throws AppError `bad_configuration` naming each variable that is missing or wrong. */
export function parseEnv(variables: Record<string, string | undefined>): Env {
  // An empty line in an env file means "not set".
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""))
  const result = schema.safeParse(given)
  if (result.success) return refuseSimulationInProduction(result.data)
  const lines = result.error.issues.map((issue) => {
    const name = String(issue.path[0])
    const came = given[name] === undefined ? "it is not set" : "the value given is not valid"
    return `  ${name}: ${came} (${issue.message}). Meaning: ${schema.shape[name as keyof Env]?.description ?? ""}`
  })
  throw new AppError(
    "bad_configuration",
    `The environment is not usable:\n${lines.join("\n")}\nSet it in the environment or in .env; .env.example lists all of them.`,
  )
}

/** A simulated Shopify hands tokens to anyone who asks, so it must never stand beside real shops. */
function refuseSimulationInProduction(given: Env): Env {
  if (given.NODE_ENV === "production" && given.SIMULATED_SHOP_URL)
    throw new AppError(
      "bad_configuration",
      "SIMULATED_SHOP_URL is set while NODE_ENV is production. It is for the demo and the tests: unset one of them.",
    )
  return given
}

let parsed: Env | undefined

/** The environment, parsed at first use. */
export function env(): Env {
  if (parsed) return parsed
  parsed = parseEnv(process.env)
  // React chooses its build by this variable; not set means production for it too.
  process.env.NODE_ENV = parsed.NODE_ENV
  return parsed
}
