import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { decodeJwt } from 'jose'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readSeedFile } from '../src/seed/seed-file.js'
import { start } from './start.js'

/** A file that is deleted when the test ends. */
function fileOf(content: string | Uint8Array, name = 'seed.yaml'): string {
  const folder = mkdtempSync(join(tmpdir(), 'clerk-auth-seed-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

/** The message of the error for a file, with the path shortened to its name. */
async function refusalOf(content: string | Uint8Array, name?: string): Promise<string> {
  const path = fileOf(content, name)
  const error = await readSeedFile(path).then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(error).toBeInstanceOf(TypeError)
  return (error as TypeError).message.replace(path, basename(path))
}

const SEED = `# who works where
organizations:
  initech:
    name: Initech
    features: [printers]
    plan: team
roles:
  org:boss: [org:printers:smash]
people:
  peter:
    firstName: Peter
    email: peter@initech.example
    memberships: { initech: org:boss }
    defaultOrganization: initech
  milton: { firstName: Milton, email: milton@example.com }
machines:
  printer: {}
  payroll: { scopes: [printer], defaultTokenTtl: 60 }
clients:
  stapler: { name: Stapler }
`

describe('a seed file', () => {
  test('in YAML defines people, organizations, roles, permissions, machines and clients', async () => {
    const local = await start({ seed: await readSeedFile(fileOf(SEED)) })
    const claims = decodeJwt(await local.sessionToken({ user: 'peter' }))
    expect(claims).toMatchObject({ pla: 'o:team', o: { slg: 'initech', rol: 'boss', per: 'smash' } })
    expect(decodeJwt(await local.sessionToken({ user: 'milton' }))).not.toHaveProperty('o')
    const machineJwt = decodeJwt(await local.m2mToken({ from: 'payroll', format: 'jwt' }))
    expect(machineJwt.exp! - machineJwt.iat!).toBe(60)
    expect(Object.keys(local.clients)).toEqual(['stapler'])
  })

  test('works as documented in the README', async () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(readme) ?? []
    const local = await start({ seed: await readSeedFile(fileOf(yaml)) })
    expect(decodeJwt(await local.sessionToken({ user: 'peter' }))).toMatchObject({ o: { per: 'read,smash' } })
    const message = 'seed.yaml:9: "peter" is a member of "globex", but the seed only has initech'
    expect(readme).toContain(message)
    expect(await refusalOf(yaml.replace('{ initech: org', '{ globex: org'))).toBe(message)
  })

  test('in JSON gives the same seed, also when indented with tabs', async () => {
    const seed = await readSeedFile(fileOf(SEED))
    const json = fileOf(JSON.stringify(seed, null, '\t'), 'seed.json')
    expect(await readSeedFile(json)).toEqual(seed)
  })

  test.each<[string, string, string]>([
    ['a misspelt section', SEED.replace('people:', 'peoples:'), 'seed.yaml:9: a seed has no "peoples", only'],
    [
      'a misspelt field',
      SEED.replace('firstName: Peter', 'firstname: Peter'),
      'seed.yaml:11: "peter" in the seed has no "firstname", only firstName, email, memberships, defaultOrganization',
    ],
    [
      'a missing field',
      SEED.replace('    email: peter@initech.example\n', ''),
      'seed.yaml:10: "peter" in the seed requires an "email"',
    ],
    [
      'a field of the wrong type',
      SEED.replace('name: Initech', 'name: 5'),
      'seed.yaml:4: "name" of organization "initech" in the seed must be a string',
    ],
    [
      'a person that is not an object',
      SEED.replace('{ firstName: Milton, email: milton@example.com }', 'Milton'),
      'seed.yaml:15: "milton" in the seed must be an object with firstName, email, memberships, defaultOrganization',
    ],
    [
      'an empty field',
      SEED.replace('{ initech: org:boss }', ''),
      'seed.yaml:13: "memberships" of "peter" in the seed must be an object',
    ],
    [
      'an organization with an invalid slug',
      SEED.replace('  initech:\n', '  My Org:\n'),
      'seed.yaml:3: organization "My Org" in the seed must have a slug of lowercase letters, digits and "-", such as "my-org"',
    ],
    [
      'an unknown organization',
      SEED.replace('{ initech: org:boss }', '{ globex: org:boss }'),
      'seed.yaml:13: "peter" is a member of "globex", but the seed only has initech',
    ],
    [
      'an unknown role',
      SEED.replace('initech: org:boss', 'initech: org:bose'),
      'seed.yaml:13: "peter" has role "org:bose", but the seed only has org:boss',
    ],
    [
      'a default organization that is not a membership',
      SEED.replace('defaultOrganization: initech', 'defaultOrganization: acme'),
      'seed.yaml:14: defaultOrganization "acme" of "peter" must be one of the memberships: initech',
    ],
    [
      'an invalid permission',
      SEED.replace('[org:printers:smash]', '\n    - org:printers:smash\n    - smash'),
      'seed.yaml:10: "smash" is not a permission of the form',
    ],
    [
      'a role without its prefix',
      SEED.replace('  org:boss:', '  boss:'),
      'seed.yaml:8: role "boss" in the seed must start with "org:"',
    ],
    [
      'permissions that are not a list',
      SEED.replace('[org:printers:smash]', 'all'),
      'seed.yaml:8: the permissions of role "org:boss" in the seed must be a list of strings',
    ],
    [
      'a feature with a comma',
      SEED.replace('[printers]', '["a,b"]'),
      'seed.yaml:5: "a,b" of organization "initech" must be a name',
    ],
    [
      'an unknown machine',
      SEED.replace('[printer]', '[copier]'),
      'seed.yaml:18: machine "payroll" may call "copier", but the seed only has printer, payroll',
    ],
    [
      'a machine without a lifetime',
      SEED.replace('Ttl: 60', 'Ttl: 0'),
      'seed.yaml:18: "defaultTokenTtl" of machine "payroll" in the seed must be a positive integer',
    ],
    [
      'a client without a name',
      SEED.replace('{ name: Stapler }', '{}'),
      'seed.yaml:20: client "stapler" in the seed requires a "name"',
    ],
    [
      'an unknown plan',
      `${SEED}subscriptions:\n  - organization: initech\n    plan: gold\n`,
      'seed.yaml:23: subscription 1 in the seed is to plan "gold", but the paid plans for organizations are only pro',
    ],
    [
      'a payment of the wrong type',
      `${SEED}subscriptions: [{ user: peter, plan: plus }]\nstatements:\n  - user: peter\n    payments:\n      - amount: -1\n`,
      'seed.yaml:25: "payments[0].amount" of statement 1 in the seed must be a non-negative integer',
    ],
    ['no people', 'organizations: {}\n', 'seed.yaml:1: the seed requires "people", which may be {}'],
    ['a duplicate key', `${SEED}people: {}\n`, 'seed.yaml:21: Map keys must be unique'],
    ['an unclosed bracket', SEED.replace('[printers]', '[printers'), 'seed.yaml:6: Flow sequence'],
    ['a tag', SEED.replace('name: Initech', 'name: !!js/function x'), 'seed.yaml:4: Unresolved tag'],
    ['two documents', `${SEED}---\n${SEED}`, 'seed.yaml:21: a seed must be a single document'],
    ['no content', '', 'seed.yaml:1: a seed must be an object with organizations, roles, people, machines, clients'],
  ])('with %s is refused with the line number', async (_, content, message) => {
    const refusal = await refusalOf(content)
    expect(refusal).toContain(message)
    expect(refusal).not.toContain('\n')
  })

  test('in JSON is refused with the line number', async () => {
    const content = '{\n\t"organizations": {},\n\t"people": {\n\t\t"a": { "name": "A" }\n\t}\n}\n'
    expect(await refusalOf(content, 'seed.json')).toContain('seed.json:4: "a" in the seed has no "name"')
  })

  test('reports the line that an alias refers to', async () => {
    const content = 'organizations: {}\npeople:\n  a: &a { firstName: A, email: a,\n    nick: x }\n  b: *a\n'
    expect(await refusalOf(content)).toContain('seed.yaml:4: "a" in the seed has no "nick"')
  })

  test('with exponentially expanding aliases is refused', async () => {
    const lists = Array.from(
      { length: 9 },
      (_, i) =>
        `a${i}: &a${i} [${Array(10)
          .fill(i ? `*a${i - 1}` : 'x')
          .join()}]`,
    )
    expect(await refusalOf(`${lists.join('\n')}\n`)).toContain('seed.yaml:1: Excessive alias count')
  })

  test('that cannot be read is refused with the reason', async () => {
    await expect(readSeedFile('/nowhere/seed.yaml')).rejects.toThrow(
      'the seed file /nowhere/seed.yaml cannot be read: no such file',
    )
    await expect(readSeedFile(tmpdir())).rejects.toThrow('it is a directory')
    expect(await refusalOf(Uint8Array.of(0xff, 0xfe))).toContain('cannot be read: it is not UTF-8 text')
    expect(await refusalOf(' '.repeat(1024 * 1024 + 1))).toContain('it is larger than 1024 KiB')
  })
})
