const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 }

/** Parses `90`, `90s`, `15m`, `8h` or `2d` to seconds; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(text) ?? []
  return digits === undefined ? undefined : Number(digits) * SECONDS[unit as keyof typeof SECONDS]
}
