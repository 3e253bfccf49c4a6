/** The text between two brackets, such as `()`, if `text` starts with the first. Other pairs of them may be inside. */
export function enclosed(text: string, [open, close]: string): string | undefined {
  if (open === undefined || !text.startsWith(open)) return undefined
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === open) depth++
    else if (text[i] === close && --depth === 0) return text.slice(1, i)
  }
  return undefined
}
