import { load } from '../load.js'

/** The text, or why the template could not be rendered. */
export type Rendered = { readonly text: string } | { readonly problem: string }

export const MAX_TEMPLATE_LENGTH = 64 * 1024
const MAX_EXPRESSIONS = 1000
const MAX_DATA_LENGTH = 64 * 1024
const MAX_OUTPUT_LENGTH = 256 * 1024
const MAX_ITERATIONS = 1000

const HELPERS: ReadonlySet<string> = new Set(['each', 'if', 'lookup', 'unless', 'with'])

// Set, so that Handlebars does not log an error for each refused property, such as "constructor".
const OWN_PROPERTIES_ONLY = { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false }

/** Returns why a Handlebars template is not accepted; `undefined` if it is. */
export function templateProblem(source: string): string | undefined {
  if (source.length > MAX_TEMPLATE_LENGTH) return `must have at most ${MAX_TEMPLATE_LENGTH} characters`
  return problemOf(() => {
    const handlebars = load('handlebars').create()
    checkExpressions(handlebars, source)
    handlebars.precompile(source)
  })
}

/**
 * Renders a Handlebars template of a caller: values are escaped for HTML or, in text, written as they are. The template
 * can use the data and Handlebars' own helpers only, and its loops and its output are bounded.
 */
export function renderTemplate(
  source: string,
  data: Readonly<Record<string, unknown>>,
  format: 'html' | 'text',
): Rendered {
  const json = JSON.stringify(data)
  if (json.length > MAX_DATA_LENGTH) return { problem: `must have at most ${MAX_DATA_LENGTH} characters of data` }
  const invalid = templateProblem(source)
  if (invalid !== undefined) return { problem: invalid }
  let text = ''
  const problem = problemOf(() => {
    const handlebars = load('handlebars').create()
    handlebars.registerHelper('each', boundedEach(handlebars.helpers.each))
    const render = handlebars.compile(source, { noEscape: format === 'text' })
    text = render(JSON.parse(json), OWN_PROPERTIES_ONLY)
    checkOutput(text.length)
  })
  return problem === undefined ? { text } : { problem }
}

type Handlebars = ReturnType<ReturnType<typeof load<'handlebars'>>['create']>

class Problem extends Error {}

function problemOf(run: () => void): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof Problem) return error.message
    // Template source follows in the other lines.
    const line = /^Parse error on line \d+/.exec(error instanceof Error ? error.message : '')?.[0]
    return line === undefined ? 'must be a Handlebars template that can be rendered' : `has a ${line.toLowerCase()}`
  }
}

/** Refuses partials and decorators, which could recurse, unknown helpers and more than `MAX_EXPRESSIONS`. */
function checkExpressions(handlebars: Handlebars, source: string): void {
  let expressions = 0
  const pending: unknown[] = [handlebars.parse(source)]
  while (pending.length > 0) {
    const node = pending.pop()
    if (typeof node !== 'object' || node === null) continue
    pending.push(...Object.values(node))
    if (!('type' in node) || typeof node.type !== 'string') continue
    if (/^(?:Partial|Decorator)/.test(node.type)) throw new Problem('must not use partials or decorators')
    if (/^(?:Mustache|Block)Statement$|^SubExpression$/.test(node.type)) {
      expressions += 1
      checkHelper(node as hbs.AST.MustacheStatement)
    }
  }
  if (expressions > MAX_EXPRESSIONS) throw new Problem(`must have at most ${MAX_EXPRESSIONS} expressions`)
}

function checkHelper({ type, path, params, hash }: hbs.AST.MustacheStatement): void {
  const isCall = type === 'SubExpression' || params.length > 0 || hash !== undefined
  const name = 'original' in path ? String(path.original) : ''
  if (isCall && !HELPERS.has(name)) throw new Problem('must use no helpers but each, if, lookup, unless and with')
}

/** Also used for `{{#items}}`, which calls `each`. */
function boundedEach(each: Handlebars.HelperDelegate | undefined): Handlebars.HelperDelegate {
  let iterations = 0
  let length = 0
  return function (this: unknown, items: unknown, options?: Handlebars.HelperOptions) {
    if (!each || !options?.fn) throw new Problem('must pass a list to each')
    const fn: Handlebars.TemplateDelegate = (context, runtime) => {
      iterations += 1
      if (iterations > MAX_ITERATIONS) throw new Problem(`must iterate at most ${MAX_ITERATIONS} times`)
      const rendered = options.fn(context, runtime)
      length += rendered.length
      checkOutput(length)
      return rendered
    }
    return each.call(this, items, { ...options, fn }) as unknown
  }
}

function checkOutput(length: number): void {
  if (length > MAX_OUTPUT_LENGTH) throw new Problem(`must render to at most ${MAX_OUTPUT_LENGTH} characters`)
}
