import { load } from '../support/load.js'

/** The text, or why the template could not be rendered. */
export type Rendered = { readonly text: string } | { readonly problem: string }

const MAX_TEMPLATE_LENGTH = 64 * 1024
// Handlebars' parser takes seconds for thousands of nested blocks or subexpressions.
const MAX_TAGS = 500
const MAX_DATA_LENGTH = 32 * 1024
const MAX_ITERATIONS = 1000
const MAX_OUTPUT_LENGTH = 256 * 1024

const HELPERS: ReadonlySet<string> = new Set(['each', 'if', 'lookup', 'unless', 'with'])

// Set, so that Handlebars does not log an error for each refused property, such as "constructor".
const OWN_PROPERTIES_ONLY = { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false }

/** Returns why a Handlebars template is not accepted; `undefined` if it is. */
export function templateProblem(source: string): string | undefined {
  return problemOf(() => {
    const handlebars = load('handlebars').create()
    handlebars.precompile(parse(handlebars, source))
  })
}

/** The names of the variables in a template that {@link templateProblem} accepts, such as `app.name`. */
export function variablesIn(source: string): ReadonlySet<string> {
  const nodes = [...nodesOf(parse(load('handlebars').create(), source))]
  return new Set(nodes.flatMap((node) => ('original' in node ? [String(node.original)] : [])))
}

/**
 * Renders a Handlebars template that a caller may have written. Escapes values for `html` and not for `text`. The
 * template can use only the data and Handlebars' own helpers.
 *
 * @param data at most 32 Ki characters as JSON
 */
export function renderTemplate(
  source: string,
  data: Readonly<Record<string, unknown>>,
  format: 'html' | 'text',
): Rendered {
  let text = ''
  const problem = problemOf(() => {
    const json = JSON.stringify(data)
    check(json.length <= MAX_DATA_LENGTH, `must have at most ${MAX_DATA_LENGTH} characters of data`)
    const handlebars = load('handlebars').create()
    handlebars.registerHelper('each', boundedEach(handlebars.helpers.each))
    const render = handlebars.compile(parse(handlebars, source), { noEscape: format === 'text' })
    text = render(JSON.parse(json), OWN_PROPERTIES_ONLY)
    checkOutput(text.length)
  })
  return problem === undefined ? { text } : { problem }
}

type Handlebars = ReturnType<ReturnType<typeof load<'handlebars'>>['create']>

class Problem extends Error {}

function check(isAccepted: boolean, problem: string): void {
  if (!isAccepted) throw new Problem(problem)
}

function problemOf(run: () => void): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof Problem) return error.message
    // The rest of the message is an excerpt of the template.
    const line = /^Parse error on line \d+/.exec(error instanceof Error ? error.message : '')?.[0]
    return line === undefined ? 'must be a Handlebars template that can be rendered' : `has a ${line.toLowerCase()}`
  }
}

function parse(handlebars: Handlebars, source: string): hbs.AST.Program {
  check(source.length <= MAX_TEMPLATE_LENGTH, `must have at most ${MAX_TEMPLATE_LENGTH} characters`)
  const tags = source.match(/\{\{|\(/g)?.length ?? 0
  check(tags <= MAX_TAGS, `must have at most ${MAX_TAGS} tags and parentheses`)
  const program = handlebars.parse(source)
  for (const node of nodesOf(program)) checkNode(node)
  return program
}

function* nodesOf(program: hbs.AST.Program): Generator<hbs.AST.Node> {
  const pending: unknown[] = [program]
  while (pending.length > 0) {
    const node = pending.pop()
    if (typeof node !== 'object' || node === null) continue
    if ('type' in node) yield node as hbs.AST.Node
    pending.push(...Object.values(node))
  }
}

/** Refuses partials and decorators, which could recurse, and helpers that are not Handlebars' own. */
function checkNode(node: hbs.AST.Node): void {
  check(!/^(?:Partial|Decorator)/.test(node.type), 'must not use partials or decorators')
  if (!/^(?:MustacheStatement|BlockStatement|SubExpression)$/.test(node.type)) return
  const { path, params, hash } = node as hbs.AST.MustacheStatement
  const isCall = node.type === 'SubExpression' || params.length > 0 || Boolean(hash)
  const isOwn = 'original' in path && HELPERS.has(path.original)
  check(!isCall || isOwn, `must use no helpers but ${[...HELPERS].join(', ')}`)
}

/** Also used for `{{#items}}`, which calls `each`. */
function boundedEach(each: Handlebars.HelperDelegate | undefined): Handlebars.HelperDelegate {
  let iterations = 0
  let length = 0
  return function (this: unknown, items: unknown, options?: Handlebars.HelperOptions) {
    if (!each || !options?.fn) throw new Problem('must pass a list to each')
    const fn: Handlebars.TemplateDelegate = (context, runtime) => {
      iterations += 1
      check(iterations <= MAX_ITERATIONS, `must iterate at most ${MAX_ITERATIONS} times`)
      const rendered = options.fn(context, runtime)
      length += rendered.length
      checkOutput(length)
      return rendered
    }
    return each.call(this, items, { ...options, fn }) as unknown
  }
}

function checkOutput(length: number): void {
  check(length <= MAX_OUTPUT_LENGTH, `must render to at most ${MAX_OUTPUT_LENGTH} characters`)
}
