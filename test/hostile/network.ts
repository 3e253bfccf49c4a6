import { subscribe, unsubscribe } from 'node:diagnostics_channel'

/** Records all requests that this process makes with `fetch` or `node:http`. */
export function watchNetwork(): { readonly requests: readonly string[]; readonly stop: () => void } {
  const requests: string[] = []
  const byFetch = (message: unknown) => {
    const { request } = message as { request: { origin: string | URL; path: string } }
    requests.push(`${String(request.origin)}${request.path}`)
  }
  const byHttp = (message: unknown) => {
    const { request } = message as { request: { host: string; path: string } }
    requests.push(`http://${request.host}${request.path}`)
  }
  subscribe('undici:request:create', byFetch)
  subscribe('http.client.request.start', byHttp)
  return {
    requests,
    stop: () => {
      unsubscribe('undici:request:create', byFetch)
      unsubscribe('http.client.request.start', byHttp)
    },
  }
}
