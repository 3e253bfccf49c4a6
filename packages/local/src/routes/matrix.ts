import { PERSONA_GROUPS, type PersonaGroup } from './persona.js'

/** Who gets past the guards of which route. */
export interface Matrix {
  readonly personas: readonly { readonly name: string; readonly group: PersonaGroup }[]
  /** sorted */
  readonly rows: readonly Row[]
}

export interface Row {
  /** unique: `GET /orgs/:orgId/invoices` */
  readonly route: string
  /** what its guards require, in words */
  readonly guard: string
  /** By persona: {@link PASSES}, the code of the refusal, or {@link CANNOT_TELL}. */
  readonly cells: ReadonlyMap<string, string>
}

export const PASSES = 'passes'
export const CANNOT_TELL = 'cannot tell'
/** The cell of a route that is not in the table of its group. */
export const OTHER_KIND = 'token-type-mismatch'

/**
 * The matrix as a page that a reviewer can read and compare: no ids, times or counts. `|` is escaped, so that every cell
 * is one cell.
 */
export function matrixPage({ personas, rows }: Matrix): string {
  const groups = PERSONA_GROUPS.flatMap((group) => {
    const members = personas.filter((persona) => persona.group === group).map(({ name }) => name)
    return members.length === 0 ? [] : [groupSection(group, members, rows)]
  })
  const guards = table(
    ['Route', 'Guard'],
    rows.map(({ route, guard }) => [route, guard]),
  )
  return [INTRODUCTION, `## Guards\n\n${guards}`, ...groups].join('\n\n') + '\n'
}

const INTRODUCTION = `# Who gets in where

Written by \`npx @clerk-auth/local routes --write-snapshot\`, and compared by \`--check --snapshot\`. Each caller was tried on each route: it passes the guards, or is refused with this code.`

/** People have a row for every route. For others, most routes would say the same. */
function groupSection(group: PersonaGroup, members: readonly string[], rows: readonly Row[]): string {
  const cellsOf = (row: Row) => members.map((name) => row.cells.get(name) ?? CANNOT_TELL)
  const shown = group === 'People' ? rows : rows.filter((row) => cellsOf(row).some((cell) => cell !== OTHER_KIND))
  const parts = [
    `## ${group}`,
    ...(shown.length > 0
      ? [
          table(
            ['Route', ...members],
            shown.map((row) => [row.route, ...cellsOf(row)]),
          ),
        ]
      : []),
    ...(shown.length < rows.length
      ? [`${shown.length > 0 ? 'All other routes refuse' : `Every route refuses`} them: ${OTHER_KIND}.`]
      : []),
  ]
  // The members must be known to a comparison.
  return (shown.length > 0 ? parts : [...parts, table(['Route', ...members], [])]).join('\n\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function escapeCell(text: string): string {
  return text.replaceAll(/[\\|]/g, String.raw`\$&`)
}
