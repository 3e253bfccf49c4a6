import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { formatted, REFERENCES } from './references.js'

const folder = resolve(import.meta.dirname, '../../docs/reference')

// `npm run docs:reference` runs this file with --update, which writes the pages.
it.each(Object.entries(REFERENCES))('docs/reference/%s.md matches the code', async (name, page) => {
  const path = join(folder, `${name}.md`)
  await expect(await formatted(page(), path)).toMatchFileSnapshot(path)
})

it('docs/reference has no other page', () => {
  expect(readdirSync(folder).sort()).toEqual(
    Object.keys(REFERENCES)
      .map((name) => `${name}.md`)
      .sort(),
  )
})

it.each(['options', 'events', 'requirements'] as const)('docs/reference/%s.md explains every entry', (name) => {
  const unexplained = REFERENCES[name]()
    .split('\n')
    .filter((line) => /\|\s*\|$/.test(line))
  expect(unexplained).toEqual([])
})
