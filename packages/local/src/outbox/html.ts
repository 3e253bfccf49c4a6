/** The text of an HTML email, with the addresses of its links. */
export function plainText(html: string): string {
  let address = ''
  const text = html.replaceAll(TAG, (tag) => {
    const name = tag.slice(0, 12).toLowerCase()
    if (/^<a\s/.test(name)) address = addressIn(tag)
    if (name === '</a>') return address && ` (${address})`
    return /^(?:<\/(?:p|h\d|div|li)>|<br[\s/>])/.test(name) ? '\n' : ''
  })
  const lines = text.split('\n').map((line) => decoded(line).trim())
  return lines.filter((line) => line !== '').join('\n')
}

/** The addresses of the links in an HTML email, in order. */
export function linksInHtml(html: string): readonly string[] {
  const tags = html.match(TAG)?.filter((tag) => /^<a\s/i.test(tag)) ?? []
  return tags.map((tag) => decoded(addressIn(tag))).filter((address) => address !== '')
}

export function linksInText(text: string): readonly string[] {
  return text.match(/https?:\/\/\S+/g) ?? []
}

// Takes linear time, because it never continues beyond the next bracket: a template may have many.
const TAG = /<[^<>]*>/g

function addressIn(tag: string): string {
  return /\shref=(?:"([^"]*)"|'([^']*)')/i.exec(tag)?.slice(1).find(Boolean) ?? ''
}

const CHARACTERS: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'",
  '&#x60;': '`',
  '&#x3D;': '=',
  '&amp;': '&',
}

/** Undoes the escaping by Handlebars. */
function decoded(text: string): string {
  return text.replaceAll(/&(?:lt|gt|quot|amp|#x27|#x60|#x3D);/g, (reference) => CHARACTERS[reference] ?? reference)
}
