import { describe, expect, test } from 'vitest'
import { errorBody, start } from '../start.js'
import { startReceiver } from '../webhook-receiver.js'
import { send } from './client.js'

interface Template {
  readonly slug: string
  readonly body: string
  readonly position: number
  readonly [field: string]: unknown
}

/** The official client has no methods for templates. */
async function started() {
  const local = await start()
  async function call(method: string, path: string, body?: object): Promise<Response> {
    return send(local, method, `/v1/templates${path}`, body)
  }
  async function ask<T = Template>(method: string, path: string, body?: object): Promise<T> {
    const response = await call(method, path, body)
    expect(response.status).toBe(200)
    return (await response.json()) as T
  }
  async function codeOf(method: string, path: string, body?: object) {
    const response = await call(method, path, body)
    const [error] = (await errorBody(response)).errors
    return [response.status, error?.code]
  }
  const signUp = () => local.signUp({ emailAddress: 'erin+clerk_test@acme.example' })
  return { local, ask, codeOf, signUp }
}

const CODE = '/email/verification_code'

describe('templates', () => {
  test('are listed by position, a page at a time', async () => {
    const { ask } = await started()
    const templates = await ask<readonly Template[]>('GET', '/email')
    expect(templates.map(({ slug }) => slug).slice(0, 3)).toEqual([
      'verification_code',
      'invitation',
      'waitlist_invitation',
    ])
    expect(await ask('GET', '/email?limit=1&offset=1&paginated=true')).toMatchObject({
      data: [{ slug: 'invitation' }],
      total_count: templates.length,
    })
    expect(await ask('GET', '/sms')).toMatchObject([{ slug: 'verification_code', template_type: 'sms', subject: null }])
  })

  test('are found by type and slug', async () => {
    const { ask, codeOf } = await started()
    expect(await ask('GET', CODE)).toMatchObject({
      object: 'template',
      resource_type: 'system_template',
      instance_id: null,
      required_variables: ['otp_code'],
      can_revert: false,
    })
    expect(await codeOf('GET', '/email/unknown')).toEqual([404, 'resource_not_found'])
    expect(await codeOf('GET', '/sms/invitation')).toEqual([404, 'resource_not_found'])
    for (const path of ['/letter', '/letter/invitation'])
      expect(await codeOf('GET', path)).toEqual([400, 'template_type_unsupported'])
  })
})

describe('a changed template', () => {
  test('is used for the next email, and can be reverted', async () => {
    const { local, ask, signUp } = await started()
    const initial = await ask('GET', CODE)
    const changes = { subject: 'Code: {{otp_code}}', body: '<p>{{{otp_code}}} & {{app.name}}</p>', name: 'Our code' }
    expect(await ask('PUT', CODE, changes)).toMatchObject({
      ...changes,
      resource_type: 'user_template',
      instance_id: local.kid,
      can_revert: true,
    })
    signUp()
    expect(local.outbox.emails()).toMatchObject([
      { subject: 'Code: 424242', body: '<p>424242 & Local application</p>', text: '424242 & Local application' },
    ])
    const { updated_at: _before, ...reverted } = await ask('POST', `${CODE}/revert`)
    const { updated_at: _after, ...expected } = initial
    expect(reverted).toEqual(expected)
  })

  test('must be a Handlebars template', async () => {
    const { ask, codeOf } = await started()
    for (const body of ['{{otp_code}} {{#if}', '{{> partial}} {{otp_code}}', '{{shout otp_code}}'])
      expect(await codeOf('PUT', CODE, { body })).toEqual([422, 'invalid_template_body'])
    expect(await codeOf('PUT', CODE, { subject: '{{#if' })).toEqual([422, 'invalid_template_body'])
    expect(await ask('GET', CODE)).toMatchObject({ can_revert: false })
  })

  test('must have the required variables in its body', async () => {
    const { ask, codeOf } = await started()
    expect(await codeOf('PUT', CODE, { body: 'otp_code {{app.name}}' })).toEqual([422, 'required_variable_missing'])
    expect(await ask('PUT', CODE, { body: '{{#if otp_code}}{{ otp_code }}{{/if}}' })).toMatchObject({
      can_revert: true,
    })
  })

  test('is refused with unknown fields, or a sender that is no local part', async () => {
    const { codeOf } = await started()
    expect(await codeOf('PUT', CODE, { slug: 'other' })).toEqual([422, 'form_param_unknown'])
    expect(await codeOf('PUT', CODE, { from_email_name: 'a\r\nbcc: b' })).toEqual([422, 'form_param_value_invalid'])
    expect(await codeOf('PUT', '/email/unknown', { name: 'Other' })).toEqual([404, 'resource_not_found'])
  })
})

describe('the preview of a template', () => {
  test('is rendered with sample data and changes nothing', async () => {
    const { local, ask } = await started()
    const { host } = new URL(local.url)
    expect(await ask('POST', `${CODE}/preview`, { body: '<b>{{otp_code}}</b>', reply_to_email_name: 'help' })).toEqual({
      body: '<b>123456</b>',
      subject: '123456 is your code for Local application',
      from_email_address: `notifications@${host}`,
      reply_to_email_address: `help@${host}`,
    })
    expect(await ask('GET', CODE)).toMatchObject({ can_revert: false, reply_to_email_name: '' })
  })

  test('renders every default template without a change', async () => {
    const { ask } = await started()
    for (const { slug } of await ask<readonly Template[]>('GET', '/email')) {
      const { subject, body } = await ask('POST', `/email/${slug}/preview`)
      expect(`${String(subject)} ${body}`).toContain('Local application')
      expect(body).not.toContain('{{')
    }
    const sms = await ask('POST', '/sms/verification_code/preview')
    expect(sms).toEqual({ body: '123456 is your code for Local application. Keep it to yourself.' })
  })

  test('is refused if it cannot be rendered', async () => {
    const { codeOf } = await started()
    expect(await codeOf('POST', `${CODE}/preview`, { body: '{{#if}' })).toEqual([422, 'invalid_template_body'])
    expect(await codeOf('POST', '/letter/code/preview')).toEqual([400, 'template_type_unsupported'])
  })
})

describe('the delivery of a template', () => {
  test('can be left to the application, which email.created tells it', async () => {
    const { local, ask, signUp } = await started()
    const { url, received, waitFor } = await startReceiver()
    local.webhooks.add({ url, events: ['email.created'] })
    const toggled = await ask('POST', `${CODE}/toggle_delivery`, { delivered_by_clerk: false })
    expect(toggled).toMatchObject({ delivered_by_clerk: false })
    signUp()
    await waitFor(1)
    expect(received[0]?.event.data).toMatchObject({ delivered_by_clerk: false, slug: 'verification_code' })
    expect(local.outbox.emails()).toMatchObject([{ deliveredByClerk: false }])
    expect(await ask('POST', `${CODE}/toggle_delivery`)).toMatchObject({ delivered_by_clerk: true })
  })

  test('can be left to the application for text messages, which sms.created tells it', async () => {
    const { local, ask } = await started()
    const receiver = await startReceiver()
    local.webhooks.add({ url: receiver.url, events: ['sms.created'] })
    await ask('POST', '/sms/verification_code/toggle_delivery', { delivered_by_clerk: false })
    local.signUp({ phoneNumber: '+12025550123' })
    await local.webhooks.settled()
    expect(receiver.received[0]?.event.data).toMatchObject({ delivered_by_clerk: false, slug: 'verification_code' })
  })
})
