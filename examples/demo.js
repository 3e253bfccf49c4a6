// Starts a local Clerk instance and the example services, sends them real requests, and shows the results.
// `--once` ends it after the table.
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { startLocalClerk } from '@clerk-auth/local'

const EIGHT_HOURS = 8 * 60 * 60
const FRAMEWORKS = ['express', 'fastify', 'hono']

const local = await step('start a local Clerk instance', () => startLocalClerk())
const other = await step('start another one, whose tokens are not accepted here', () => startLocalClerk())
const apis = await step(`start an API with ${FRAMEWORKS.join(', ')}`, () =>
  Promise.all(FRAMEWORKS.map((framework) => start(`${framework}.js`, local.env))),
)
const { worker, api } = local.machines
const machineApi = await step('start a service for machines', () =>
  start('machine-api.js', { ...local.env, REPORTS_MACHINE_ID: worker.id }),
)
const machineCaller = await step('start a machine that calls it', () =>
  start('machine-caller.js', {
    CLERK_API_URL: local.url,
    CLERK_MACHINE_SECRET_KEY: worker.secretKey,
    INVOICES_URL: machineApi.url,
  }),
)

const callers = [
  { name: 'alice, admin of acme', token: await local.sessionToken({ user: 'alice' }), me: '200', admin: '200' },
  {
    name: 'bob, member of acme',
    token: await local.sessionToken({ user: 'bob' }),
    me: '200',
    admin: '403 role-missing',
  },
  {
    name: 'alice, ten minutes ago',
    token: await local.sessionToken({ user: 'alice', ttlInSeconds: -600 }),
    me: '401 token-expired',
    admin: '401 token-expired',
  },
  {
    name: 'alice, of another instance',
    token: await other.sessionToken({ user: 'alice' }),
    me: '401 jwk-kid-mismatch',
    admin: '401 jwk-kid-mismatch',
  },
  { name: 'no token', token: undefined, me: '401 credentials-missing', admin: '401 credentials-missing' },
]

const rows = []
let surprises = 0
for (const { name, token, ...expected } of callers) {
  for (const path of /** @type {const} */ (['me', 'admin'])) {
    const answers = await Promise.all(apis.map(({ url }) => ask(`${url}/${path}`, token)))
    surprises += answers.filter((answer) => answer !== expected[path]).length
    rows.push([name, `GET /${path}`, ...answers])
  }
}
printTable(['caller', 'request', 'Express', 'Fastify', 'Hono'], rows)

const internal = `${machineApi.url}/internal/invoices`
const machineCalls = [
  { name: 'worker, which may call', url: `${machineCaller.url}/report`, token: undefined, expected: '200' },
  {
    name: 'worker, with an opaque token',
    url: internal,
    token: await local.m2mToken({ from: 'worker', to: 'api' }),
    expected: '200',
  },
  {
    name: 'api, which may not call itself',
    url: internal,
    token: await local.m2mToken({ from: 'api', format: 'jwt', claims: { aud: [api.id], scopes: api.id } }),
    expected: '403 machine-not-allowed',
  },
  {
    name: 'billing, out of scope',
    url: internal,
    token: await local.m2mToken({ from: 'billing', format: 'jwt' }),
    expected: '401 machine-out-of-scope',
  },
  { name: 'alice, a person', url: internal, token: await local.sessionToken(), expected: '401 token-type-mismatch' },
]
const machineRows = []
for (const { name, url, token, expected } of machineCalls) {
  const answer = await ask(url, token)
  if (answer !== expected) surprises++
  machineRows.push([name, `GET ${new URL(url).pathname}`, answer])
}
printTable(['caller', 'request to the service for machines', 'response'], machineRows)
console.log(`\nKey sets fetched by the services: ${local.calls('GetJWKS')}`)

if (process.argv.includes('--once')) await end()
else await printCurlLines()

if (surprises > 0) {
  console.error(`${surprises} responses are not the expected ones`)
  process.exitCode = 1
}

process.once('SIGINT', () => void end())
process.once('SIGTERM', () => void end())

/**
 * @param {string} file
 * @param {object} environment
 */
async function start(file, environment) {
  const port = await freePort()
  const script = new URL(file, import.meta.url)
  const env = { ...process.env, ...environment, PORT: String(port), NODE_NO_WARNINGS: '1' }
  const child = spawn(process.execPath, [fileURLToPath(script)], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve)
    child.once('exit', (code) => reject(new Error(`${file} ended with exit code ${code}`)))
  })
  return { url: `http://localhost:${port}`, child }
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/**
 * @param {string} url
 * @param {string | undefined} token
 */
async function ask(url, token) {
  const response = await fetch(url, token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } })
  const { code = '' } = await response.json()
  return `${response.status} ${code}`.trim()
}

async function printCurlLines() {
  const alice = await local.sessionToken({ user: 'alice', ttlInSeconds: EIGHT_HOURS })
  const bob = await local.sessionToken({ user: 'bob', ttlInSeconds: EIGHT_HOURS })
  const [express] = apis
  const admin = `${express?.url}/admin`
  console.log(`
The APIs stay up: ${apis.map(({ url }) => url).join(', ')}. Tokens for the next eight hours:

  export ALICE=${alice}
  export BOB=${bob}

Paste these in the same shell. The responses are 200, 403 and 401:

  curl -i -H "Authorization: Bearer $ALICE" ${admin}
  curl -i -H "Authorization: Bearer $BOB" ${admin}
  curl -i ${admin}

Ctrl+C ends it.`)
}

async function end() {
  for (const { child } of [...apis, machineApi, machineCaller]) child.removeAllListeners('exit').kill()
  await Promise.all([local.close(), other.close()])
}

/**
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} work
 */
async function step(what, work) {
  process.stdout.write(`- ${what} … `)
  const result = await work()
  console.log('done')
  return result
}

/**
 * @param {string[]} head
 * @param {string[][]} body
 */
function printTable(head, body) {
  const widths = head.map((title, i) => Math.max(title.length, ...body.map((row) => row[i]?.length ?? 0)))
  const line = (/** @type {string[]} */ row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd()
  console.log(['', line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n'))
}
