// Starts a local Clerk instance and the three example APIs, sends them real requests, and shows who got what and why.
// `--once` ends it after the table.
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { startLocalClerk } from '@clerk-auth/local'

const EIGHT_HOURS = 8 * 60 * 60
const FRAMEWORKS = ['express', 'fastify', 'hono']

const local = await step('start a local Clerk instance', () => startLocalClerk())
const other = await step('start another one, whose tokens are good for nothing here', () => startLocalClerk())
const apis = await step(`start an API with ${FRAMEWORKS.join(', ')}`, () => Promise.all(FRAMEWORKS.map(startApi)))

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
  { name: 'nobody', token: undefined, me: '401 credentials-missing', admin: '401 credentials-missing' },
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
console.log(`\nKey sets fetched by the three APIs: ${local.calls('GetJWKS')}`)

if (process.argv.includes('--once')) await end()
else await printCurlLines()

if (surprises > 0) {
  console.error(`${surprises} answers are not the expected ones`)
  process.exitCode = 1
}

process.once('SIGINT', () => void end())
process.once('SIGTERM', () => void end())

/** @param {string} framework */
async function startApi(framework) {
  const port = await freePort()
  const script = new URL(`${framework}.js`, import.meta.url)
  const env = { ...process.env, ...local.env, PORT: String(port), NODE_NO_WARNINGS: '1' }
  const child = spawn(process.execPath, [script.pathname], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve)
    child.once('exit', (code) => reject(new Error(`the ${framework} example ended with exit code ${code}`)))
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

  curl -i -H "Authorization: Bearer $ALICE" ${admin}   # 200
  curl -i -H "Authorization: Bearer $BOB" ${admin}     # 403
  curl -i ${admin}                                     # 401

Ctrl-C ends it.`)
}

async function end() {
  for (const { child } of apis) child.removeAllListeners('exit').kill()
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
