import type { Shop } from "../../state/resources.ts"
import type { AdminContext, Fields } from "../admin-context.ts"
import { gid } from "../gid.ts"
import { metafieldFields } from "./metafield-fields.ts"
import { dateTime } from "./values.ts"

/** What the app is called in the shop; there is one app here, so it has the first number. */
const APP_ID = "1"

const minutesFromUtc = (timeZone: string, atMs: number) => {
  const parts = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" }).formatToParts(atMs)
  const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(
    parts.find(({ type }) => type === "timeZoneName")?.value ?? "",
  ) ?? ["", "+", "0", "0"]
  return (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0))
}

const shop: Fields<Shop> = {
  id: ({ id }) => gid("Shop", id),
  name: ({ name }) => name,
  email: ({ email }) => email,
  contactEmail: ({ email }) => email,
  myshopifyDomain: ({ domain }) => domain,
  primaryDomain: ({ domain }) => ({ host: domain }),
  url: ({ domain }) => `https://${domain}`,
  currencyCode: ({ currency }) => currency,
  ianaTimezone: ({ timeZone }) => timeZone,
  timezoneOffsetMinutes: ({ timeZone }, _, { state }) => minutesFromUtc(timeZone, state.now()),
  plan: ({ plan }) => ({ plan }),
  createdAt: ({ createdAtMs }) => dateTime(createdAtMs),
  updatedAt: ({ updatedAtMs }) => dateTime(updatedAtMs),
  ...metafieldFields((source: Shop) => gid("Shop", source.id)),
}

type InstalledApp = { scopes: readonly string[] }

export const shopFields = {
  Shop: shop,
  ShopPlan: {
    publicDisplayName: ({ plan }) => plan,
    partnerDevelopment: ({ plan }) => plan === "Development",
    shopifyPlus: ({ plan }) => plan === "Shopify Plus",
  } satisfies Fields<{ plan: string }>,
  Domain: {
    host: ({ host }) => host,
    url: ({ host }) => `https://${host}`,
    sslEnabled: () => true,
  } satisfies Fields<{ host: string }>,
  AppInstallation: {
    id: () => gid("AppInstallation", APP_ID),
    accessScopes: ({ scopes }) => scopes,
    app: (source) => source,
    launchUrl: (_source, _, { state }) =>
      `https://${state.store.shop.domain}/admin/apps/${state.store.installation.apiKey}`,
    ...metafieldFields(() => gid("AppInstallation", APP_ID)),
  } satisfies Fields<InstalledApp>,
  App: {
    id: () => gid("App", APP_ID),
    apiKey: (_source, _, { state }) => state.store.installation.apiKey,
    installation: (source) => source,
  } satisfies Fields<InstalledApp>,
  AccessScope: { handle: (scope) => scope, description: (scope) => scope } satisfies Fields<string>,
}

/** The installation as this token sees it. */
export function installedApp({ token }: AdminContext): InstalledApp {
  return { scopes: token.scopes }
}
