import { Links, Meta, Outlet, Scripts, ScrollRestoration } from "@remix-run/react"
import type { ReactNode } from "react"

/** The page around every answer, an error's too. */
export function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <Meta />
        <Links />
      </head>
      <body>
        {children}
        <ScrollRestoration />
        <Scripts />
      </body>
    </html>
  )
}

export default function Root() {
  return <Outlet />
}

/** What no page below could tell better. The log has the cause. */
export function ErrorBoundary() {
  return (
    <main
      style={{
        font: "16px/1.5 system-ui, sans-serif",
        maxWidth: "34rem",
        margin: "20vh auto",
        padding: "0 1rem",
      }}
    >
      <h1>This page could not be shown</h1>
      <p>
        Something went wrong on our side. Load the page again; if it happens twice, look into the web
        process's log.
      </p>
    </main>
  )
}
