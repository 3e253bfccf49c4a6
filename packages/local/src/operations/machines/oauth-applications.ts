import { Refusal } from '../../api/errors.js'
import { newClientSecret, newId } from '../../model/ids.js'
import { OAuthApplication } from '../../model/oauth-application.js'
import { list, nullish, object, optional, refined, rule, strict, string, type Values } from '../../model/schema.js'
import { removeOAuthApplication } from '../../tokens/oauth-application.js'
import { revocableToken } from '../../tokens/oauth-grant.js'
import { withoutNulls } from '../without-nulls.js'
import { FLAG } from '../fields.js'
import { operation, type Call } from '../operation.js'
import { resource } from '../resource.js'

const application = resource('oauth_applications', {
  path: '/v1/oauth_applications',
  param: 'oauth_application_id',
  missing: () => new Refusal('resource_not_found', 'OAuth application not found'),
  answer: applicationAnswer,
})

/** Of any scheme, such as `myapp://callback`. */
const REDIRECT_URI = refined(
  string({ max: 1024 }),
  rule('form_param_format_invalid', 'must be a valid URL.', (uri) => URL.canParse(uri)),
)

const SETTINGS = {
  redirect_uris: nullish(list(REDIRECT_URI)),
  callback_url: nullish(REDIRECT_URI),
  scopes: nullish(string({ max: 1024 })),
  consent_screen_enabled: FLAG,
  pkce_required: FLAG,
  public: FLAG,
} as const

export const oauthApplications = [
  application.list('ListOAuthApplications', {
    query: { name_query: optional(string()) },
    order: { created_at: ({ created_at }) => created_at, name: ({ name }) => name },
    filter: ({ name, client_id }, { query: { name_query: text } }) =>
      text === undefined || client_id === text || name.toLowerCase().includes(text.toLowerCase()),
    page: 'envelope',
  }),

  operation('CreateOAuthApplication', 'POST /v1/oauth_applications', {
    body: object({ ...SETTINGS, name: OAuthApplication.fields.name }),
    run(call) {
      const { world, body } = call
      const created = world.oauth_applications.add({
        ...settingsOf(body),
        name: body.name,
        local_name: body.name,
        client_id: newId('client'),
        client_secret: body.public ? null : newClientSecret(),
      })
      return withSecret(created, call)
    },
  }),

  application.get('GetOAuthApplication'),

  application.update('UpdateOAuthApplication', {
    body: strict({ ...SETTINGS, name: nullish(OAuthApplication.fields.name) }),
    run: ({ id }, { world, body }) =>
      world.oauth_applications.update(id, {
        ...settingsOf(body),
        client_secret: body.public ? null : undefined,
      }),
  }),

  application.remove('DeleteOAuthApplication', ({ id }, { world }) => removeOAuthApplication(world, id)),

  operation('RevokeOAuthApplicationToken', 'POST /v1/oauth_applications/{oauth_application_id}/revoke_token', {
    body: strict({ token: string() }),
    run(call) {
      const { client_id } = application.recordOf(call)
      const token = revocableToken(call.world, call.body.token)
      if (token?.clientId !== client_id) throw new Refusal('resource_not_found', 'OAuth token not found')
      token.revoke()
    },
  }),

  operation('RotateOAuthApplicationSecret', 'POST /v1/oauth_applications/{oauth_application_id}/rotate_secret', {
    run(call) {
      const record = application.recordOf(call)
      const client_secret = record.public ? null : newClientSecret()
      return withSecret(call.world.oauth_applications.update(record.id, { client_secret }), call)
    },
  }),
]

/** The given settings. `callback_url` is the older way to set a single redirect URI. */
function settingsOf<B extends Values<typeof SETTINGS>>({ callback_url, ...body }: B) {
  return withoutNulls({ ...body, redirect_uris: body.redirect_uris ?? (callback_url ? [callback_url] : undefined) })
}

function withSecret(record: OAuthApplication, call: Call) {
  return { ...applicationAnswer(record, call), client_secret: record.client_secret ?? '' }
}

function applicationAnswer(record: OAuthApplication, { world, instance }: Call) {
  const { local_name: _name, client_secret: _secret, access_token_format: _format, admission: _, ...shown } = record
  return {
    object: 'oauth_application',
    ...shown,
    instance_id: instance.id,
    callback_url: record.redirect_uris[0] ?? '',
    ...endpointsOf(world.url()),
  }
}

/** Where Clerk's Frontend API has the OAuth endpoints. */
function endpointsOf(url: string) {
  return {
    authorize_url: `${url}/oauth/authorize`,
    token_fetch_url: `${url}/oauth/token`,
    user_info_url: `${url}/oauth/userinfo`,
    token_introspection_url: `${url}/oauth/token_info`,
    discovery_url: `${url}/.well-known/openid-configuration`,
  }
}
