export function parseCookies(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>()
  for (const part of (header ?? "").split(";")) {
    const [name, ...rest] = part.trim().split("=")
    if (!name) continue
    try {
      cookies.set(name, decodeURIComponent(rest.join("=")))
    } catch {
      // Another program's cookie on this host, in another encoding.
    }
  }
  return cookies
}
