import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { OPERATIONS } from '../src/operations/operations.js'
import { start } from './start.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

test('the README lists all operations, and no others', () => {
  const [table = ''] = /(?<=\n\| Backend API .*\n\| -.*\n)(\|.*\n)+/.exec(readme) ?? []
  const listed = [...table.matchAll(/`(\w+)`/g)].map(([, id]) => id ?? '')
  expect(listed.toSorted()).toEqual(OPERATIONS.map(({ id }) => id).toSorted())
})

test('calls() refuses an unsupported operation', async () => {
  const local = await start()
  expect(() => local.calls('ListNothing')).toThrow(TypeError)
})
