import { Refusal } from '../../api/errors.js'
import { boolean, nullish, optional, refined, rule, strict, string } from '../../model/schema.js'
import type { Template } from '../../model/template.js'
import { appOf } from '../../outbox/app.js'
import { DEFAULT_TEMPLATES } from '../../outbox/default-templates.js'
import { renderTemplate, templateProblem, variablesIn } from '../../outbox/template.js'
import { withoutNulls } from '../without-nulls.js'
import { FLAG } from '../fields.js'
import { operation, type Call } from '../operation.js'
import { BARE_PAGE, barePage } from '../page.js'
import { resource } from '../resource.js'
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

const template = resource('templates', {
  path: '/v1/templates/{template_type}',
  param: 'slug',
  params: { template_type: TYPE },
  find: ({ world, params }) =>
    world.templates
      .where('slug', params.slug ?? '')
      .find(({ template_type }) => template_type === params.template_type),
  missing: (slug) => new Refusal('resource_not_found', `No template was found with slug ${slug}`),
  answer: (record, { instance }) => templateAnswer(record, instance.id),
})

export const messageTemplates = [
  operation('GetTemplateList', 'GET /v1/templates/{template_type}', {
    params: { template_type: TYPE },
    query: BARE_PAGE,
    run: ({ world, instance, params, query }) => {
      const ofType = world.templates.all().filter(({ template_type }) => template_type === params.template_type)
      const byPosition = ofType.toSorted((one, other) => one.position - other.position)
      return barePage(byPosition, query, (record) => templateAnswer(record, instance.id))
    },
  }),

  template.get('GetTemplate'),

  template.act('UpsertTemplate', 'PUT', '', {
    body: strict({
      ...CONTENT,
      name: optional(string({ min: 1, max: 256 })),
      markup: nullish(string()),
      delivered_by_clerk: FLAG,
    }),
    run(record, { world, body: { subject, ...body } }) {
      refuseSource('subject', subject)
      refuseSource('body', body.body)
      refuseMissingVariables(record, body.body)
      return world.templates.update(record.id, { ...withoutNulls(body), subject, can_revert: true })
    },
  }),

  template.act('RevertTemplate', 'POST', '/revert', {
    run({ id, template_type, slug }, { world }) {
      const initial = DEFAULT_TEMPLATES.find((it) => it.template_type === template_type && it.slug === slug)
      return world.templates.update(id, { ...initial })
    },
  }),

  operation('PreviewTemplate', `POST ${template.item}/preview`, {
    params: { template_type: TYPE },
    body: strict(CONTENT),
    run(call) {
      const { world, body } = call
      const draft = { ...template.recordOf(call), ...withoutNulls(body) }
      if (draft.template_type === 'sms') return { body: rendered('body', draft.body, 'text', world) }
      const { domain_name } = appOf(world)
      return {
        body: rendered('body', draft.body, 'html', world),
        subject: rendered('subject', draft.subject ?? '', 'text', world),
        from_email_address: `${draft.from_email_name}@${domain_name}`,
        reply_to_email_address: draft.reply_to_email_name && `${draft.reply_to_email_name}@${domain_name}`,
      }
    },
  }),

  template.act('ToggleTemplateDelivery', 'POST', '/toggle_delivery', {
    body: strict({ delivered_by_clerk: optional(boolean()) }),
    run: (record, { world, body: { delivered_by_clerk = !record.delivered_by_clerk } }) =>
      world.templates.update(record.id, { delivered_by_clerk, can_revert: true }),
  }),
]

function templateAnswer(record: Template, instanceId: string) {
  const isChanged = record.can_revert
  return {
    object: 'template',
    ...record,
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
