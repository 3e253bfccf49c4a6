/** What the doctor found: `problem` means that valid tokens are refused, `note` that something may be missing. */
export interface Finding {
  readonly level: 'ok' | 'note' | 'problem'
  /** a sentence without a full stop, and without secrets */
  readonly text: string
  /** what to do about it */
  readonly remedy?: string
}

export function ok(text: string): Finding {
  return { level: 'ok', text }
}

export function note(text: string, remedy?: string): Finding {
  return { level: 'note', text, ...(remedy !== undefined && { remedy }) }
}

export function problem(text: string, remedy: string): Finding {
  return { level: 'problem', text, remedy }
}
