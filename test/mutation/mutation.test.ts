import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { blankAssertions } from './copy.js'
import { FILES } from './files.js'
import { compare, tally } from './survivors.js'

const SOURCE = 'const a = 1\nif (a === 1 && b)\n  throw new Error()\n'

/** Stryker's result for a mutant of `SOURCE`; lines and columns start at 1. */
function mutant(status: 'Killed' | 'Survived' | 'NoCoverage' | 'Timeout' | 'Ignored', line = 2) {
  const location = { start: { line, column: 5 }, end: { line, column: 12 } }
  return { id: '1', fileName: 'a.ts', mutatorName: 'x', replacement: 'true', location, status } as const
}

const LISTED = { file: 'a', from: 'if (a === 1 && b)', to: ['if (true && b)'], why: 'for the test' }

describe('the mutation check', () => {
  it('identifies a survivor by its lines before and after the change', () => {
    const { unlisted, outdated } = compare([mutant('Survived'), mutant('Killed'), mutant('Timeout')], [], SOURCE)
    expect(unlisted).toEqual([{ from: 'if (a === 1 && b)', to: 'if (true && b)' }])
    expect(outdated).toEqual([])
  })

  it('counts a mutant without coverage as a survivor', () => {
    expect(compare([mutant('NoCoverage')], [], SOURCE).unlisted).toHaveLength(1)
  })

  it('ignores a listed survivor, wherever it is in the file', () => {
    for (const status of ['Survived', 'Timeout'] as const)
      expect(compare([mutant(status, 3)], [LISTED], `\n${SOURCE}`)).toEqual({ unlisted: [], outdated: [] })
  })

  it('reports a listed mutant that does not survive', () => {
    const outdated = [{ from: LISTED.from, to: 'if (true && b)' }]
    for (const mutants of [[], [mutant('Killed')]])
      expect(compare(mutants, [LISTED], SOURCE)).toEqual({ unlisted: [], outdated })
  })

  it('counts mutants by result', () => {
    const mutants = [mutant('Killed'), mutant('Killed'), mutant('Timeout'), mutant('NoCoverage'), mutant('Ignored')]
    expect(tally(mutants)).toBe('4 mutants, 2 killed, 1 timed out, 1 left')
  })

  it('blanks type assertions without moving other code', () => {
    const directory = mkdtempSync(join(tmpdir(), 'mutation-test-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const path = join(directory, 'a.ts')
    writeFileSync(path, "const a = { b: 'x as y' } as const satisfies C\nconst d = (e as F[]).map((g) => g as H)\n")
    blankAssertions(path)
    expect(readFileSync(path, 'utf8')).toBe(
      "const a = { b: 'x as y' }          satisfies C\nconst d = (e       ).map((g) => g     )\n",
    )
  })

  it('lists only survivors in mutated files, each with a reason', () => {
    const listed = JSON.parse(readFileSync(new URL('survivors.json', import.meta.url), 'utf8')) as (typeof LISTED)[]
    for (const { file, why } of listed) {
      expect(FILES).toContain(file)
      expect(why).not.toBe('')
    }
  })
})
