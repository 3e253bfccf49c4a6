import { ask, type Fresh } from './fresh.js'
import { addDomainOfAcme, createSession, inviteToAcme } from './made.js'

type Request = readonly [method: string, path: string, body?: object]

const CODE = '/v1/templates/email/verification_code'

/** The operations that no method calls, and that of `getToken()` with a template. */
export const WITHOUT_METHOD: Readonly<Record<string, (it: Fresh) => Request | Promise<Request>>> = {
  GetBillingStatementList: () => ['GET', '/v1/billing/statements'],
  GetBillingStatement: async (it) => ['GET', `/v1/billing/statements/${await statementId(it)}`],
  GetBillingStatementPaymentAttempts: async (it) => [
    'GET',
    `/v1/billing/statements/${await statementId(it)}/payment_attempts`,
  ],
  GetCommerceSubscriptionItemList: () => ['GET', '/v1/billing/subscription_items'],
  GetTemplateList: () => ['GET', '/v1/templates/email'],
  GetTemplate: () => ['GET', CODE],
  UpsertTemplate: () => ['PUT', CODE, { subject: 'Your code', body: '<p>{{otp_code}}</p>' }],
  RevertTemplate: () => ['POST', `${CODE}/revert`],
  PreviewTemplate: () => ['POST', `${CODE}/preview`, { body: '<p>{{otp_code}}</p>' }],
  ToggleTemplateDelivery: () => ['POST', `${CODE}/toggle_delivery`, { delivered_by_clerk: false }],
  ListInstanceOrganizationInvitations: async (it) => {
    await inviteToAcme(it)
    return ['GET', '/v1/organization_invitations']
  },
  ListPendingOrganizationInvitations: async (it) => {
    const { organizationId } = await inviteToAcme(it)
    return ['GET', `/v1/organizations/${organizationId}/invitations/pending`]
  },
  ListAllOrganizationDomains: async (it) => {
    await addDomainOfAcme(it)
    return ['GET', '/v1/organization_domains']
  },
  UsersBan: ({ alice, bob }) => ['POST', '/v1/users/ban', { user_ids: [alice, bob] }],
  UsersUnban: ({ alice, bob }) => ['POST', '/v1/users/unban', { user_ids: [alice, bob] }],
  GetPublicInterstitial: ({ local }) => [
    'GET',
    `/v1/public/interstitial?publishable_key=${local.env.CLERK_PUBLISHABLE_KEY}`,
  ],
  UpdateInstanceAuthConfig: () => ['PATCH', '/v1/beta_features/instance_settings', { progressive_sign_up: true }],
  GetInstanceOAuthApplicationSettings: () => ['GET', '/v1/instance/oauth_application_settings'],
  UpdateInstanceOAuthApplicationSettings: () => [
    'PATCH',
    '/v1/instance/oauth_application_settings',
    { default_scopes: ['email'] },
  ],
  UpdateProductionInstanceDomain: () => ['PUT', '/v1/beta_features/domain', { home_url: 'https://acme.example' }],
  ChangeProductionInstanceDomain: () => ['POST', '/v1/instance/change_domain', { home_url: 'https://acme.example' }],
  CreateSessionTokenFromTemplate: async (it) => ['POST', `/v1/sessions/${(await createSession(it)).id}/tokens/api`],
}

async function statementId(it: Fresh): Promise<string> {
  const { data } = (await (await ask(it, 'GET', '/v1/billing/statements')).json()) as { data: { id: string }[] }
  return data[0]!.id
}
