import type { LocalClerk } from '../local-clerk.js'
import type { Person } from '../people/directory.js'
import type { Seed } from '../seed/seed.js'
import { DEFAULT_URL } from './mint-command.js'
import { inOneLine } from './one-line.js'

/** With at most 23 lines, the first one stays visible in a terminal of 24, above the cursor. */
const MAX_PERSON_LINES = 4
const MAX_COLUMNS = 80
const INDENT = ' '.repeat('OAuth clients  '.length)

/** The output after starting an instance: at most 23 lines of 80 columns, whatever the seed. */
export function introduction(local: LocalClerk<Seed>): string {
  return [
    [
      `A local Clerk instance listens at ${local.url}`,
      'Open it in a browser to mint and decode tokens. Ctrl+C stops the instance.',
    ],
    contentLines(local),
    tokenLines(local),
    [
      'Set these for an API, or let "npx @clerk-auth/local -- <command>" set them:',
      ...Object.entries(local.env).map(([name, value]) => `export ${name}='${value}'`),
    ],
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function contentLines({ people, machines, clients }: LocalClerk<Seed>): readonly string[] {
  const nameById = new Map(Object.values(machines).map(({ id, name }) => [id, name]))
  const machineNames = Object.values(machines).map(({ name, scopes }) => {
    const [first, ...more] = scopes.flatMap((id) => nameById.get(id) ?? [])
    if (first === undefined) return name
    return `${name} (may call ${more.length === 0 ? first : `${first} and ${more.length} more`})`
  })
  return [
    ...section('People', personLines(Object.values(people))),
    ...section('Machines', listInOneLine(machineNames)),
    ...section('OAuth clients', listInOneLine(Object.keys(clients))),
  ]
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, i) => (i === 0 ? title.padEnd(INDENT.length) : INDENT) + line)
}

function personLines(people: readonly Person[]): readonly string[] {
  const shown = people.length > MAX_PERSON_LINES ? people.slice(0, MAX_PERSON_LINES - 1) : people
  const names = shown.map(({ name }) => cut(inOneLine(name), 30))
  const width = Math.max(...names.map(columnsOf)) + 2
  const lines = shown.map(({ memberships }, i) => {
    const roles = Object.entries(memberships).map(([slug, role]) => `${role} of ${slug}`)
    const name = names[i] ?? ''
    const [list = 'no organization'] = listInOneLine(roles, MAX_COLUMNS - INDENT.length - width)
    return name + ' '.repeat(width - columnsOf(name)) + list
  })
  return shown.length < people.length ? [...lines, `and ${people.length - shown.length} more`] : lines
}

/** As many names as fit, and the number of the others; no line if there are no names. */
function listInOneLine(names: readonly string[], columns = MAX_COLUMNS - INDENT.length): readonly string[] {
  const [first, ...others] = names.map(inOneLine)
  if (first === undefined) return []
  const more = (count: number) => (count === 0 ? '' : `, and ${count} more`)
  let line = cut(first, columns - more(others.length).length)
  for (const [i, name] of others.entries()) {
    const longer = `${line}, ${name}`
    if (columnsOf(longer + more(others.length - i - 1)) > columns) return [line + more(others.length - i)]
    line = longer
  }
  return [line]
}

/** Commands for the first person, or machine that may call another, whose name fits in a line. */
function tokenLines({ url, people, machines }: LocalClerk<Seed>): readonly string[] {
  const callers = Object.values(machines).filter(({ scopes }) => scopes.length > 0)
  const commands = [
    ...Object.values(people).map(({ name }) => ['token', name] as const),
    ...callers.map(({ name }) => ['m2m', name] as const),
  ]
  const option = url === DEFAULT_URL ? '' : ` --url ${url}`
  const [lines = []] = commands
    .map(([command, name]) => `npx @clerk-auth/local ${command} ${quote(name)}${option}`)
    .map((command) => [
      `  ${command}`,
      // A new token for each request: a session token lives for a minute.
      '  curl http://localhost:3000/ -H "authorization: Bearer $(',
      `    ${command})"`,
    ])
    .filter((group) => group.every((line) => inOneLine(line) === line && columnsOf(line) <= MAX_COLUMNS))
  return lines.length === 0 ? [] : ['Get a token, and call an API with one (for other tokens, see --help):', ...lines]
}

function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  let start = ''
  for (const character of text) {
    if (columnsOf(`${start}${character}…`) > columns) break
    start += character
  }
  return `${start}…`
}

/** An upper bound of the width in a terminal: wide characters, such as those of Chinese, start at U+1100. */
function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) columns += character < '\u1100' ? 1 : 2
  return columns
}

/** Quotes a word for a shell if necessary. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
