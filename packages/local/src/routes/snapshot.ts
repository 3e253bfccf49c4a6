import { namesInWords, type Finding } from './finding.js'
import { OTHER_KIND, PASSES, type Matrix, type Row } from './matrix.js'

/** What the page of a matrix says. */
export interface Snapshot {
  /** in words, by route */
  readonly guards: ReadonlyMap<string, string>
  /** by persona, then by route */
  readonly cells: ReadonlyMap<string, ReadonlyMap<string, string>>
}

/** @throws {TypeError} if it is not the page of a matrix */
export function readSnapshot(page: string): Snapshot {
  const [guards, ...groups] = tablesOf(page)
  if (guards?.head[1] !== 'Guard') throw new TypeError('it is not a snapshot: write one with --write-snapshot')
  return {
    guards: new Map(guards.rows.map(([route = '', guard = '']) => [route, guard])),
    cells: new Map(groups.flatMap(columnsOf)),
  }
}

interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** The tables of a page, as written or as a formatter has aligned them. */
function tablesOf(page: string): readonly Table[] {
  const blocks = page.split(/\r?\n\s*\r?\n/).map((block) => block.split(/\r?\n/).filter((line) => line.startsWith('|')))
  return blocks
    .filter((lines) => lines.length >= 2)
    .map(([head = '', , ...rows]) => ({ head: cellsOf(head), rows: rows.map(cellsOf) }))
}

/** `|` within a cell is escaped. */
function cellsOf(line: string): readonly string[] {
  const cells = line.trimEnd().match(/(?:\\.|[^|\\])+/g) ?? []
  return cells.map((cell) => cell.trim().replaceAll(/\\(.)/g, '$1'))
}

function columnsOf({ head, rows }: Table): readonly (readonly [string, ReadonlyMap<string, string>])[] {
  return head.slice(1).map((persona, i) => [persona, new Map(rows.map((row) => [row[0] ?? '', row[i + 1] ?? '']))])
}

/** What has changed since a snapshot, in words. */
export function changesSince(snapshot: Snapshot, { personas, rows }: Matrix): readonly Finding[] {
  const current = new Set(rows.map(({ route }) => route))
  const gone = [...snapshot.guards.keys()].filter((route) => !current.has(route))
  return [
    ...personaChanges(
      [...snapshot.cells.keys()],
      personas.map(({ name }) => name),
    ),
    ...gone.map((route) => ({ route, text: 'is in the snapshot, but no longer in the application' })),
    ...rows.flatMap((row) => rowChanges(row, snapshot)),
  ]
}

function personaChanges(before: readonly string[], now: readonly string[]): readonly Finding[] {
  const change = (persona: string, text: string) => ({ route: 'personas', text: `${persona} ${text}` })
  return [
    ...now.filter((name) => !before.includes(name)).map((name) => change(name, 'is not in the snapshot')),
    ...before.filter((name) => !now.includes(name)).map((name) => change(name, 'is only in the snapshot')),
  ]
}

function rowChanges({ route, guard, cells }: Row, { guards, cells: columns }: Snapshot): readonly Finding[] {
  const before = guards.get(route)
  if (before === undefined) return [{ route, text: `is new: ${guard}; ${passing(cells)}` }]

  const personasByMove = new Map<string, string[]>()
  for (const [persona, cell] of cells) {
    const column = columns.get(persona)
    const old = column?.get(route) ?? OTHER_KIND
    if (!column || old === cell) continue
    const move = JSON.stringify([old, cell])
    personasByMove.set(move, [...(personasByMove.get(move) ?? []), persona])
  }
  return [
    ...(before === guard ? [] : [{ route, text: `the guard is now "${guard}", was "${before}"` }]),
    ...[...personasByMove].map(([move, personas]) => ({ route, text: moveInWords(move, personas) })),
  ]
}

function moveInWords(move: string, personas: readonly string[]): string {
  const [old, now] = JSON.parse(move) as [string, string]
  const [passes, are, were] = personas.length === 1 ? ['passes', 'is', 'was'] : ['pass', 'are', 'were']
  return `${namesInWords(personas)} ${now === PASSES ? `now ${passes}` : `${are} now refused ${now}`}, ${old === PASSES ? 'passed before' : `${were} refused ${old}`}`
}

function passing(cells: Row['cells']): string {
  const passing = [...cells].flatMap(([persona, cell]) => (cell === PASSES ? [persona] : []))
  return passing.length === 0 ? 'no persona passes' : `passes: ${namesInWords(passing)}`
}
