/** The process is alive. Says nothing about its database: a restart would not mend that. */
export function loader() {
  return Response.json({ alive: true }, { headers: { "Cache-Control": "no-store" } })
}
