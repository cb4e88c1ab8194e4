import { parseArgs } from "node:util"
import { replayDead } from "../capture/replay-dead.server.ts"
import { findShop, listShopIds } from "../db.server.ts"
import { AppError } from "../errors.ts"
import { openLocalEnvironment } from "./local-environment.ts"
import { runCommand } from "./run-command.ts"

const HELP = `Tries deliveries again that were given up, once what stood in their way is mended.

  npm run replay -- [--shop NAME.myshopify.com] [--reason REASON]

  --shop     only this shop; all shops without it
  --reason   only those given up for this reason, as it stands in the log and in the table inbox (worker_lost, internal, …)

The worker takes them up within seconds. A delivery whose body was destroyed cannot come again; reconciliation brings
what it said.
`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      shop: { type: "string" },
      reason: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  })
  if (values.help) return console.info(HELP)
  const environment = await openLocalEnvironment()
  try {
    const shopIds = values.shop === undefined ? await listShopIds() : [await shopOf(values.shop)]
    let [replayed, gone] = [0, 0]
    for (const shopId of shopIds)
      for (const one of await replayDead(shopId, values.reason)) {
        console.info(
          `shop ${shopId}, ${one.reason}: ${one.replayed} to be tried again, ${one.gone} without a body`,
        )
        replayed += one.replayed
        gone += one.gone
      }
    console.info(`${replayed} to be tried again, ${gone} without a body, in ${shopIds.length} shops.`)
  } finally {
    await environment.close()
  }
}

async function shopOf(domain: string): Promise<number> {
  const shop = await findShop(domain)
  if (!shop) throw new AppError("not_found", `There is no shop ${domain}. Give its name.myshopify.com.`)
  return shop.shopId
}

if (import.meta.main) await runCommand(main)
