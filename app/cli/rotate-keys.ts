import { parseArgs } from "node:util"
import { env } from "../env.server.ts"
import { AppError } from "../errors.ts"
import { listShopKeys, rewrapShopKey } from "../shop/rotate-shop-key.server.ts"
import { openLocalEnvironment } from "./local-environment.ts"
import { startProgress } from "./progress.ts"
import { runCommand } from "./run-command.ts"

const HELP = `Wraps every shop's key under the newest app key, so that older app keys can be taken away.

  npm run rotate-keys

1. Put the new key in front of THROUGHLINE_KEYS (new:KEY,old:KEY) and restart every process.
2. Run this, with the same THROUGHLINE_KEYS.
3. Take the old key out of THROUGHLINE_KEYS and restart every process.

It covers the app's keys. A shop's own key stays as it is, and with it all that it sealed, so this is quick, and
processes go on serving meanwhile. Stopped, it goes on when started again.
`

export type Rotation = { rewrapped: number; current: number; newest: string }

/** @throws AppError `bad_configuration` where a shop is sealed under a key that is not given; the others are done. */
export async function rotateKeys(onProgress: (done: number, total: number) => void): Promise<Rotation> {
  const shops = await listShopKeys()
  const newest = env().THROUGHLINE_KEYS.split(":")[0] ?? ""
  const result: Rotation = { rewrapped: 0, current: 0, newest }
  const failures: AppError[] = []
  for (const [index, { shopId }] of shops.entries()) {
    try {
      result[await rewrapShopKey(shopId)] += 1
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      failures.push(error)
    }
    onProgress(index + 1, shops.length)
  }
  const [first] = failures
  if (first)
    throw new AppError(
      first.code,
      `${result.rewrapped + result.current} of ${shops.length} shops are under "${newest}"; ${failures.length} are not. ${first.message}`,
    )
  return result
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: "boolean", short: "h" } } })
  if (values.help) return console.info(HELP)
  const environment = await openLocalEnvironment()
  try {
    const bar = startProgress("Keys")
    const { rewrapped, current, newest } = await rotateKeys((done, total) => bar.update(done, total))
    bar.end(`${rewrapped} rewrapped, ${current} were current`)
    console.info(
      `Every shop's key is under "${newest}" now. Other keys can be taken out of THROUGHLINE_KEYS, once no copy of the keys that is older than this is needed.`,
    )
  } finally {
    await environment.close()
  }
}

if (import.meta.main) await runCommand(main)
