import { Refusal } from '../../api/errors.js'
import type { Method } from '../../api/endpoint.js'
import {
  boolean,
  nullish,
  optional,
  refined,
  rule,
  strict,
  string,
  type Fields,
  type Schema,
} from '../../model/schema.js'
import type { Template } from '../../model/template.js'
import { appOf } from '../../outbox/app.js'
import { DEFAULT_TEMPLATES } from '../../outbox/default-templates.js'
import { renderTemplate, templateProblem, variablesIn } from '../../outbox/template.js'
import { withoutNulls } from '../without-nulls.js'
import { FLAG } from '../fields.js'
import { operation, type Call, type Operation } from '../operation.js'
import { BARE_PAGE, barePage } from '../page.js'
import { sampleData } from './sample-data.js'

const TYPE = refined(
  string(),
  rule('template_type_unsupported', 'must be email or sms.', (type: string) => type === 'email' || type === 'sms'),
)

/** The local part of an email address. */
const EMAIL_NAME = optional(string({ max: 64, pattern: /^[\w.+-]*$/ }))

const CONTENT = {
  subject: nullish(string()),
  body: optional(string({ min: 1 })),
  from_email_name: EMAIL_NAME,
  reply_to_email_name: EMAIL_NAME,
} as const

export const messageTemplates = [
  operation('GetTemplateList', 'GET /v1/templates/{template_type}', {
    params: { template_type: TYPE },
    query: BARE_PAGE,
    run: ({ world, instance, params, query }) => {
      const ofType = world.templates.all().filter(({ template_type }) => template_type === params.template_type)
      const byPosition = ofType.toSorted((one, other) => one.position - other.position)
      return barePage(byPosition, query, (template) => templateAnswer(template, instance.id))
    },
  }),

  onTemplate('GetTemplate', 'GET', '', { run: (template) => template }),

  onTemplate('UpsertTemplate', 'PUT', '', {
    body: strict({
      ...CONTENT,
      name: optional(string({ min: 1, max: 256 })),
      markup: nullish(string()),
      delivered_by_clerk: FLAG,
    }),
    run(template, { world, body: { subject, ...body } }) {
      refuseSource('subject', subject)
      refuseSource('body', body.body)
      refuseMissingVariables(template, body.body)
      return world.templates.update(template.id, { ...withoutNulls(body), subject, can_revert: true })
    },
  }),

  onTemplate('RevertTemplate', 'POST', '/revert', {
    run(template, { world }) {
      const { template_type, slug } = template
      const initial = DEFAULT_TEMPLATES.find((it) => it.template_type === template_type && it.slug === slug)
      return world.templates.update(template.id, { ...initial })
    },
  }),

  operation('PreviewTemplate', `POST ${pathOf('/preview')}`, {
    params: { template_type: TYPE },
    body: strict(CONTENT),
    run(call) {
      const { world, body } = call
      const template = { ...templateOf(call), ...withoutNulls(body) }
      const preview = {
        body: rendered('body', template.body, template.template_type === 'email' ? 'html' : 'text', world),
      }
      if (template.template_type === 'sms') return preview
      const { domain_name } = appOf(world)
      return {
        ...preview,
        subject: rendered('subject', template.subject ?? '', 'text', world),
        from_email_address: `${template.from_email_name}@${domain_name}`,
        reply_to_email_address: template.reply_to_email_name && `${template.reply_to_email_name}@${domain_name}`,
      }
    },
  }),

  onTemplate('ToggleTemplateDelivery', 'POST', '/toggle_delivery', {
    body: strict({ delivered_by_clerk: optional(boolean()) }),
    run: (template, { world, body: { delivered_by_clerk = !template.delivered_by_clerk } }) =>
      world.templates.update(template.id, { delivered_by_clerk, can_revert: true }),
  }),
]

function pathOf(verb: string) {
  return `/v1/templates/{template_type}/{slug}${verb}` as const
}

/** An operation whose answer is the template that its path names, or its changed version. */
function onTemplate<B>(
  id: string,
  method: Method,
  verb: string,
  { run, ...rules }: { body?: Schema<B>; run: (template: Template, call: Call<unknown, B>) => Template },
): Operation {
  return operation<Fields, B>(id, `${method} ${pathOf(verb)}`, {
    params: { template_type: TYPE },
    ...rules,
    run: (call) => templateAnswer(run(templateOf(call), call), call.instance.id),
  })
}

/** @throws {Refusal} if there is no such template */
function templateOf({ world, params: { template_type, slug = '' } }: Call): Template {
  const found = world.templates.where('slug', slug).find((template) => template.template_type === template_type)
  if (!found) throw new Refusal('resource_not_found', `No template was found with slug ${slug}`)
  return found
}

function templateAnswer(template: Template, instanceId: string) {
  const isChanged = template.can_revert
  return {
    object: 'template',
    ...template,
    instance_id: isChanged ? instanceId : null,
    resource_type: isChanged ? 'user_template' : 'system_template',
    flagged_as_suspicious: false,
  }
}

/** @throws {Refusal} if it is not a Handlebars template that can be rendered */
function refuseSource(name: 'subject' | 'body', source: string | null | undefined): void {
  const problem = templateProblem(source ?? '')
  if (problem !== undefined) throw new Refusal('invalid_template_body', `The ${name} ${problem}.`, name)
}

/** @throws {Refusal} if the body has not all variables that it must have */
function refuseMissingVariables({ required_variables }: Template, body: string | undefined): void {
  if (body === undefined) return
  const variables = variablesIn(body)
  const absent = required_variables.find((name) => !variables.has(name))
  if (absent !== undefined)
    throw new Refusal('required_variable_missing', `The body must contain the variable {{${absent}}}.`, 'body')
}

/** @throws {Refusal} if it cannot be rendered */
function rendered(name: 'subject' | 'body', source: string, format: 'html' | 'text', world: Call['world']): string {
  const result = renderTemplate(source, sampleData(world), format)
  if ('text' in result) return result.text
  throw new Refusal('invalid_template_body', `The ${name} ${result.problem}.`, name)
}
