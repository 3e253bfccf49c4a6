import { readFileSync } from 'node:fs'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { DIFFERENCES_OF_ANSWERS } from './differences-of-answers.js'
import { DIFFERENCES_OF_COOKIES } from './differences-of-cookies.js'
import { DIFFERENCES_OF_FORM } from './differences-of-form.js'
import { DIFFERENCES_OF_MACHINES } from './differences-of-machines.js'
import { DIFFERENCES_OF_SESSIONS } from './differences-of-sessions.js'
import { NOW } from './tokens.js'

const DIFFERENCES = [
  ...DIFFERENCES_OF_FORM,
  ...DIFFERENCES_OF_COOKIES,
  ...DIFFERENCES_OF_SESSIONS,
  ...DIFFERENCES_OF_MACHINES,
  ...DIFFERENCES_OF_ANSWERS,
]

interface Row {
  readonly what: string
  readonly clerk: string
  readonly here: string
  readonly why: string
}

const page = readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8')
const [, ...rows] = page
  .split('\n')
  .filter((line) => line.startsWith('|') && !line.startsWith('| --'))
  .map((line): Row => {
    const [, what = '', clerk = '', here = '', why = ''] = line.split(/ *\| */)
    return { what, clerk, here, why }
  })

let local: LocalClerk

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
  local = await startLocalClerk()
})
afterEach(() => local.reset())
afterAll(async () => {
  await local.close()
  vi.useRealTimers()
})

describe('docs/differences.md', () => {
  it('has a row for each difference here, and no other', () => {
    expect(rows.map(({ what }) => what)).toEqual(DIFFERENCES.map(({ what }) => what))
  })

  it('lists no difference twice', () => {
    expect(new Set(DIFFERENCES.map(({ what }) => what)).size).toBe(DIFFERENCES.length)
  })

  it.each(rows)('gives the reason: $what', ({ why }) => {
    expect(why).toMatch(/^\S.{8,}$/)
  })

  it.each(DIFFERENCES)('gives both answers: $what', async ({ what, clerk, here }) => {
    const row = rows.find((row) => row.what === what)
    const shown = { clerk: await clerk(local), here: await here(local) }
    expect(shown).toEqual({ clerk: row?.clerk, here: row?.here })
    expect(shown.clerk).not.toBe(shown.here)
  })
})
