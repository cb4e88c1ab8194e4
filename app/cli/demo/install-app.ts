/** What a click on “Install” does, for a run without a browser: the grant, and the app opened once in its frame. */
import type { SimulatedShop } from "../../../tests/support/shop/start-shop.ts"
import { AppError } from "../../errors.ts"

const BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

/** Nothing where it is installed. The app exchanges the session token that the admin gives it, as in a browser. */
export async function installApp(shop: SimulatedShop): Promise<void> {
  if (shop.state.store.installation.installedAtMs !== null) return
  await fetch(new URL("/admin/install", shop.url), { method: "POST", redirect: "manual" })
  const admin = await (await fetch(shop.adminUrl())).text()
  const address = /<iframe[^>]* src="([^"]+)"/.exec(admin)?.[1]?.replaceAll(/&(?:amp|#38);/g, "&")
  const opened =
    address === undefined ? undefined : await fetch(address, { headers: { "User-Agent": BROWSER } })
  if (opened?.status !== 200)
    throw new AppError(
      "unavailable",
      `Expected the app to open in the admin, it answered ${opened?.status ?? "nothing"}. Run the demo again.`,
    )
}
