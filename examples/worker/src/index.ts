import {
  clerkAuth,
  createMachineClient,
  getAuth,
  requireAuth,
  type Environment,
  type MachineClient,
} from '@clerk-auth/hono'
import { Hono } from 'hono'

interface Bindings extends Environment {
  readonly INVOICES_URL: string
  readonly INVOICES_MACHINE_KEY: string
}

const app = new Hono<{ Bindings: Bindings }>()
app.use(clerkAuth()) // reads the CLERK_* bindings at the first request

app.get('/', (c) => c.json({ caller: getAuth(c).userId ?? 'anonymous' }))
app.get('/me', requireAuth(), (c) => c.json({ userId: getAuth(c).userId }))
app.get('/admin', requireAuth({ role: 'org:admin' }), (c) => c.json({ organization: getAuth(c).orgSlug }))
app.get('/invoices', requireAuth(), (c) => invoicesClient(c.env).fetch(`${c.env.INVOICES_URL}/internal/invoices`))

export default app

let client: MachineClient | undefined

/** Created once, because it keeps its token for the requests that follow. */
function invoicesClient(env: Bindings): MachineClient {
  client ??= createMachineClient({ machineSecretKey: env.INVOICES_MACHINE_KEY, origins: [env.INVOICES_URL] }, env)
  return client
}
