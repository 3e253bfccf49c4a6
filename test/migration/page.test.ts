import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createClerkAuth } from '@clerk-auth/core'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { SDK_OPTIONS } from '../../packages/core/src/config/sdk-options.js'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/migration.md'), 'utf8')

/** The members of the unions in official-names.ts, by name. */
function officialNames(): Readonly<Record<string, readonly string[]>> {
  const path = join(import.meta.dirname, 'official-names.ts')
  const options = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, strict: true }
  const program = ts.createProgram([path], options)
  const aliases = program.getSourceFile(path)?.statements.filter(ts.isTypeAliasDeclaration) ?? []
  return Object.fromEntries(
    aliases.map((alias) => {
      const type = program.getTypeChecker().getTypeAtLocation(alias)
      const members = type.isUnion() ? type.types : [type]
      return [alias.name.text, members.flatMap((member) => (member.isStringLiteral() ? [member.value] : []))]
    }),
  )
}

const { Options: options = [], Variables: variables = [] } = officialNames()

it('there are options and variables to compare with', () => {
  expect(options.length).toBeGreaterThan(30)
  expect(variables).toEqual(expect.arrayContaining(['clerk', 'clerkAuth']))
})

it("docs/migration.md names every option and variable of Clerk's packages", () => {
  const explained = Object.keys(SDK_OPTIONS)
  expect(
    [...options, ...explained, ...variables].filter((name) => !new RegExp(`[\`(']${name}['\`)]`).test(page)),
  ).toEqual([])
})

it.each(['express', 'fastify', 'hono'])('docs/migration.md names everything that @clerk/%s exports', async (name) => {
  const own = Object.keys((await import(`@clerk/${name}`)) as object)
  const webhooks = Object.keys((await import(`@clerk/${name}/webhooks`)) as object)
  expect([...own, ...webhooks].filter((exported) => !page.includes(`\`${exported}`))).toEqual([])
})

it.each(options)('the option %s works here, or its error says what to do', (name) => {
  let error: unknown
  try {
    createClerkAuth({ jwks: { keys: [] }, [name]: {} }).close()
  } catch (caught) {
    error = caught
  }
  // An empty object is not a value of any option that exists here, so there is always an error.
  expect(error).toBeInstanceOf(TypeError)
  const { message } = error as TypeError
  const isOurs = message.startsWith(`option "${name}" must`)
  const isExplained = message.startsWith(`option "${name}" of Clerk's SDK does not exist here: `)
  expect({ message, isClear: isOurs || isExplained }).toEqual({ message, isClear: true })
})
