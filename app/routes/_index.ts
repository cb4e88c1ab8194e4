import { type LoaderFunctionArgs, redirect } from "@remix-run/node"

/** Shopify opens the app at its address; the home page is /app. */
export function loader({ request }: LoaderFunctionArgs) {
  return redirect(`/app${new URL(request.url).search}`)
}
