/** The app in the shop: what it may do, and the tokens that it was given. */
import type { Store, When } from "./store.ts"

/** What an app may see of a customer; Shopify grants each apart, after a review. */
export type ProtectedData = "customer" | "name" | "email" | "phone" | "address"

export const ALL_PROTECTED_DATA: readonly ProtectedData[] = ["customer", "name", "email", "phone", "address"]

export type AccessToken = {
  kind: "online" | "offline"
  scopes: readonly string[]
  /** Null for an offline token of the old kind, which does not expire. */
  expiresAtMs: number | null
  userId: string | null
}

export type RefreshToken = {
  expiresAtMs: number
  /** From then on it may be used again for a while, for the answer may have been lost. */
  firstUsedMs: number | null
  /** The one that it replaces, which its own use retires; null for the first. */
  replaces: string | null
}

export type Installation = {
  apiKey: string
  /** Newest first. Webhooks are signed with the newest; while it is rotated the app may know only the other. */
  secrets: string[]
  installedAtMs: number | null
  scopes: string[]
  protectedData: Set<ProtectedData>
  tokens: Map<string, AccessToken>
  refreshTokens: Map<string, RefreshToken>
}

export function makeInstallation(store: Store) {
  return {
    /** The merchant installs the app, or installs it again: tokens of before are void. */
    install(scopes: readonly string[], { atMs = store.now() }: When = {}): void {
      const { installation } = store
      installation.installedAtMs = atMs
      installation.scopes = [...scopes]
      installation.tokens.clear()
      installation.refreshTokens.clear()
    },

    /** The merchant takes the app away: every token is void at once. `shop/redact` follows 48 hours later. */
    uninstall({ atMs = store.now() }: When = {}): void {
      const { installation } = store
      installation.installedAtMs = null
      installation.scopes = []
      installation.tokens.clear()
      installation.refreshTokens.clear()
      store.tell({ topic: "app/uninstalled", shop: store.shop }, atMs)
    },

    redactShop({ atMs = store.now() }: When = {}): void {
      store.tell({ topic: "shop/redact" }, atMs)
    },

    /** A new version of the app was released, or an optional scope was granted or revoked. */
    changeScopes(scopes: readonly string[], { atMs = store.now() }: When = {}): void {
      const previous = store.installation.scopes
      store.installation.scopes = [...scopes]
      for (const token of store.installation.tokens.values()) token.scopes = [...scopes]
      store.tell({ topic: "app/scopes_update", previous, current: [...scopes] }, atMs)
    },

    /** Their hour is over. */
    expireAccessTokens(): void {
      for (const token of store.installation.tokens.values()) token.expiresAtMs = store.now()
    },

    revokeRefreshTokens(): void {
      store.installation.refreshTokens.clear()
    },

    /** A second secret, before the first is taken away with `retireSecret`. */
    addSecret(secret: string): void {
      store.installation.secrets.unshift(secret)
    },

    retireSecret(secret: string): void {
      store.installation.secrets = store.installation.secrets.filter((known) => known !== secret)
    },

    grantProtectedData(granted: readonly ProtectedData[]): void {
      store.installation.protectedData = new Set(granted)
    },
  }
}
