import { record, type Stored } from './record.js'
import { boolean, orNull, string, timeOrNull, withDefault } from './schema.js'

/** Where the application of the instance runs: one primary domain, and satellites. */
export const Domain = record('domain', 'dmn', {
  /** a host and perhaps a port; `null`: the host of the instance */
  name: orNull(string()),
  is_satellite: withDefault(boolean(), true),
  proxy_url: orNull(string()),
})

export type Domain = Stored<typeof Domain>

/** The last attempt to reach the instance through a proxy. */
export const ProxyCheck = record('proxy_check', 'proxchk', {
  domain_id: string(),
  proxy_url: string(),
  last_run_at: timeOrNull(),
  successful: boolean(),
})

export type ProxyCheck = Stored<typeof ProxyCheck>
