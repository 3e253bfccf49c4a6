import type { LocalClerk } from '../local-clerk.js'
import type { Machine } from '../tokens/machines.js'
import { MINT_PATHS } from '../control/mint-token.js'
import { escapeInvisible } from '../explain/escape-invisible.js'
import type { Person, Seed } from '../seed/seed.js'

const TTL_IN_SECONDS = 8 * 3600

/** The output after starting an instance, with everything to copy. */
export async function introduction(local: LocalClerk<Seed>): Promise<string> {
  const { url, env, people, machines, clients } = local
  const persons = Object.values(people)
  const names = [...persons, ...Object.values(machines)].map(({ name }) => name.length)
  const width = Math.max(...names) + 3
  const personLines = await Promise.all(persons.map((person) => linesOfPerson(person, width, local)))
  const machineLines = Object.values(machines).map((machine) => lineOfMachine(machine, width, machines))
  return [
    [
      `A local Clerk instance listens at ${url}`,
      `Open ${url}/ in a browser to see its contents, and to mint and decode tokens.`,
    ],
    persons.length > 0 && ['People, with session tokens valid for 8 h:', ...personLines.flat()],
    ['Machines:', ...machineLines],
    Object.keys(clients).length > 0 && `OAuth clients: ${Object.keys(clients).join(', ')}`,
    ['Get a token:', ...tokenLines(local).map((line) => `  ${line}`)],
    persons[0] && ['Use it:', ...useLines(persons[0], url).map((line) => `  ${line}`)],
    ['Control it:', ...controlLines(url).map((line) => `  ${line}`)],
    // Last, so that it stays visible after the long tokens.
    ['Point an API at it:', ...Object.entries(env).map(([name, value]) => `  export ${name}='${value}'`)],
    'Ctrl+C stops it.',
  ]
    .filter((part) => typeof part !== 'boolean' && part !== undefined)
    .map((part) => [part].flat().map(inOneLine).join('\n'))
    .join('\n\n')
}

async function linesOfPerson(
  { name, memberships }: Person,
  width: number,
  local: LocalClerk<Seed>,
): Promise<readonly string[]> {
  const roles = Object.entries(memberships).map(([slug, role]) => `${role} of ${slug}`)
  const token = await local.sessionToken({ user: name, ttlInSeconds: TTL_IN_SECONDS })
  return [`  ${name.padEnd(width)}${roles.join(', ') || 'no organization'}`, `    ${token}`]
}

function lineOfMachine(
  { name, scopes, secretKey }: Machine,
  width: number,
  machines: Readonly<Record<string, Machine>>,
): string {
  const called = Object.values(machines).filter(({ id }) => scopes.includes(id))
  const access = `may call ${called.map((machine) => machine.name).join(', ') || 'none'}`
  return `  ${name.padEnd(width)}${access.padEnd(18)} ${secretKey}`
}

function tokenLines({ url, people, machines, clients }: LocalClerk<Seed>): readonly string[] {
  const command = (...words: readonly string[]) => `npx @clerk-auth/local ${words.map(quote).join(' ')} --url ${url}`
  const [person] = Object.values(people)
  const [client] = Object.keys(clients)
  const caller = Object.values(machines).find(({ scopes }) => scopes.length > 0)
  const called = Object.values(machines).find(({ id }) => caller?.scopes.includes(id))
  const org = person?.defaultOrganization ?? Object.keys(person?.memberships ?? {})[0]
  return [
    ...(person ? [command('token', person.name)] : []),
    ...(person && org !== undefined ? [`${command('token', person.name)} --org ${quote(org)} --ttl 8h`] : []),
    ...(caller && called ? [command('m2m', caller.name, '--to', called.name, '--format', 'jwt')] : []),
    ...(person && client !== undefined
      ? [command('oauth', person.name, '--client', client, '--scope', 'invoices:read')]
      : []),
    ...(person ? [command('api-key', person.name, '--scope', 'invoices:read')] : []),
    ...(person ? [curlOf(`${url}${MINT_PATHS.session}`, { user: person.name })] : []),
  ]
}

function useLines({ name }: Person, url: string): readonly string[] {
  const token = `npx @clerk-auth/local token ${quote(name)} --url ${url}`
  return [
    `curl -H "authorization: Bearer $(${token})" http://localhost:3000/`,
    `${token} | npx @clerk-auth/local explain --url ${url}`,
  ]
}

function controlLines(url: string): readonly string[] {
  return [
    curlOf(`${url}/_local/clock`, { advanceInMs: -120_000 }),
    curlOf(`${url}/_local/faults`, { operation: 'GetJWKS', status: 503, times: 2 }),
    `curl -s ${url}/_local/calls`,
    curlOf(`${url}/_local/webhooks`, { url: 'http://localhost:3000/webhooks', events: ['user.*'] }),
  ]
}

function curlOf(address: string, body: object): string {
  return `curl -s ${address} -H 'content-type: application/json' -d ${quote(JSON.stringify(body))}`
}

/** A name from a seed or the Backend API must neither control the terminal nor look like a separate line to copy. */
function inOneLine(line: string): string {
  return escapeInvisible(line).replaceAll('\n', String.raw`\n`)
}

/** Quotes a word for a shell if necessary. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
