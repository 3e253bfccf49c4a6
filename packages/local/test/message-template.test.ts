import { describe, expect, test } from 'vitest'
import { DEFAULT_TEMPLATES } from '../src/outbox/default-templates.js'
import { renderTemplate, templateProblem } from '../src/outbox/template.js'

const render = (source: string, data: Readonly<Record<string, unknown>> = {}) => renderTemplate(source, data, 'text')

describe('a template', () => {
  test('escapes values in HTML and not in text', () => {
    const data = { app: { name: '<Acme & Co>' } }
    expect(renderTemplate('<p>{{app.name}}</p>', data, 'html')).toEqual({ text: '<p>&lt;Acme &amp; Co&gt;</p>' })
    expect(renderTemplate('{{app.name}}', data, 'text')).toEqual({ text: '<Acme & Co>' })
  })

  test('has conditions and loops', () => {
    const source = '{{#if a}}{{#each list}}{{@index}}{{this}} {{/each}}{{#list}}{{this}}{{/list}}{{else}}none{{/if}}'
    expect(render(source, { a: true, list: ['x', 'y'] })).toEqual({ text: '0x 1y xy' })
    expect(render(source)).toEqual({ text: 'none' })
  })

  test('renders a missing value as nothing', () => {
    expect(render('[{{a.b.c}}]')).toEqual({ text: '[]' })
  })

  test.each(['{{constructor}}', '{{__proto__}}', '{{lookup this "constructor"}}', '{{text.constructor.name}}'])(
    '%j does not reach a prototype',
    (source) => {
      expect(render(source, { text: 'a' })).toEqual({ text: '' })
    },
  )

  test.each([
    ['{{otp_code', 'has a parse error on line 1'],
    ['a\n{{#if a}}', 'has a parse error on line 2'],
    ['{{/if}}', 'has a parse error on line 1'],
    ['{{#if a}}{{/each}}', 'must be a Handlebars template that can be rendered'],
    ['{{> header}}', 'must not use partials or decorators'],
    ['{{#> header}}{{/header}}', 'must not use partials or decorators'],
    ['{{#*inline "a"}}{{> a}}{{/inline}}', 'must not use partials or decorators'],
    ['{{#each list}}{{> a}}{{/each}}', 'must not use partials or decorators'],
    ['{{log secret}}', 'must use no helpers but each, if, lookup, unless, with'],
    ['{{#if (eval a)}}{{/if}}', 'must use no helpers but each, if, lookup, unless, with'],
    ['{{name upper=true}}', 'must use no helpers but each, if, lookup, unless, with'],
    ['{{a}}'.repeat(501), 'must have at most 500 tags and parentheses'],
    ['{{#if a}}'.repeat(7000), 'must have at most 500 tags and parentheses'],
    [`{{lookup a ${'(lookup a '.repeat(6000)}`, 'must have at most 500 tags and parentheses'],
    ['a'.repeat(65_537), 'must have at most 65536 characters'],
  ])('with the body %j is refused', (source, problem) => {
    expect(templateProblem(source)).toBe(problem)
    expect(render(source)).toEqual({ problem })
  })

  test('is accepted up to the bounds', () => {
    for (const source of ['', 'a'.repeat(65_536), '{{a}}'.repeat(500)]) expect(templateProblem(source)).toBeUndefined()
  })

  const list = Array<string>(1000).fill('x'.repeat(10))

  test.each([
    ['{{#each list}}{{#each ../list}}{{/each}}{{/each}}', 'must iterate at most 1000 times'],
    ['{{#list}}{{#../list}}{{/../list}}{{/list}}', 'must iterate at most 1000 times'],
    ['{{list}}'.repeat(100), 'must render to at most 262144 characters'],
    [`{{#each list}}${'{{@root.list}}'.repeat(400)}{{/each}}`, 'must render to at most 262144 characters'],
    ['{{each list}}', 'must pass a list to each'],
    ['{{if}}', 'must be a Handlebars template that can be rendered'],
    ['{{helperMissing}}', 'must be a Handlebars template that can be rendered'],
  ])('%s has a problem when it is rendered', (source, problem) => {
    expect(templateProblem(source)).toBeUndefined()
    expect(render(source, { list })).toEqual({ problem })
  })

  test('may loop 1000 times in each rendering', () => {
    for (const _ of [1, 2]) expect(render('{{#each list}}a{{/each}}', { list })).toEqual({ text: 'a'.repeat(1000) })
  })

  test('has a problem with more than 32768 characters of data', () => {
    const problem = 'must have at most 32768 characters of data'
    expect(render('{{a}}', { a: 'a'.repeat(32_768) })).toEqual({ problem })
  })
})

describe('the default templates', () => {
  const app = { name: 'A & B', url: 'https://app.example', domain_name: 'app.example' }
  const data = {
    app,
    otp_code: '123456',
    action_url: 'https://app.example/sign-up?__clerk_ticket=abc',
    org: { name: 'Acme' },
    invitation: { expires_in_days: 30 },
    passkey_name: 'Laptop',
  }

  test('are eight for emails and one for SMS', () => {
    expect(DEFAULT_TEMPLATES.map(({ template_type, slug }) => `${template_type} ${slug}`)).toEqual([
      'email verification_code',
      'email invitation',
      'email waitlist_invitation',
      'email organization_invitation',
      'email passkey_added',
      'email passkey_removed',
      'email primary_email_address_changed',
      'email waitlist_confirmation',
      'email passkey_removed',
      'email primary_email_address_changed',
      'sms verification_code',
    ])
  })

  test.each(DEFAULT_TEMPLATES)('render $template_type $slug with its variables', (template) => {
    const { subject, body, available_variables, required_variables } = template
    const source = `${subject ?? ''}${body}`
    const used = [...source.matchAll(/\{\{(?:#if )?([a-z_.]+)\}\}/g)].flatMap(([, name = '']) =>
      name === 'else' ? [] : name,
    )
    expect(available_variables).toEqual(expect.arrayContaining([...used, ...required_variables]))
    for (const name of required_variables) expect(body).toContain(`{{${name}}}`)
    const rendered = renderTemplate(source, data, 'html')
    expect(rendered).toEqual({ text: expect.stringContaining('A &amp; B') as string })
    expect(rendered).toEqual({ text: expect.not.stringContaining('{{') as string })
  })
})
