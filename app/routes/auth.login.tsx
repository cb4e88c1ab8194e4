/** Where the library sends a visit that did not come through Shopify's admin. It asks for nothing. */
export default function OpenFromAdmin() {
  return (
    <main
      style={{
        font: "16px/1.5 system-ui, sans-serif",
        maxWidth: "34rem",
        margin: "20vh auto",
        padding: "0 1rem",
      }}
    >
      <h1>Throughline</h1>
      <p>Open it in your Shopify admin: Apps, then Throughline.</p>
    </main>
  )
}
